#!/usr/bin/env bash
# Repeats the training runs of docs/training.md, one after the other, and draws them.
#
# PHOTOS names Labeled Faces in the Wild (a folder a person), ORL the Olivetti faces; WORK keeps the runs (default
# .build/training). A run that was interrupted goes on, one that is finished is not repeated. The logs of all runs
# come to Bench/Results/training, the plot to docs/figures.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --static-swift-stdlib --product facegallery
swift build -c release --static-swift-stdlib --product facegallery-bench
bin=$(swift build -c release --show-bin-path)
work=${WORK:-.build/training}
results=Bench/Results/training
mkdir -p "$work" "$results"

# run NAME OPTIONS…: trains, or goes on, and keeps the log.
run() {
    local name=$1 out=$work/$1
    shift
    if [ -e "$out/checkpoint.safetensors" ]; then set -- "$@" --resume; fi
    echo "== $name" >&2
    "$bin/facegallery" train "$@" --out "$out" --threads 1 --quiet
    # The list of people held out stays out of the repository; it is made above from the folder's names.
    sed 's/"validation-people":\[[^]]*\]/"validation-people":[]/' "$out/log.jsonl" >"$results/$name.jsonl"
}

if [ -n "${PHOTOS:-}" ]; then
    # Every fifth person is held out of all runs.
    held=$work/held-out.txt
    find "$PHOTOS" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | LC_ALL=C sort | awk 'NR % 5 == 0' >"$held"
    lfw() {
        local name=$1
        shift
        run "$name" "$PHOTOS" --validation-people "$held" "$@"
    }
    small=(--side 64 --epochs 40 --chips "$work/chips-64")
    lfw random "${small[@]}" --loss triplet --mining random
    lfw semi-hard "${small[@]}" --loss triplet --mining semi-hard
    lfw hardest "${small[@]}" --loss triplet --mining hardest
    lfw contrastive "${small[@]}" --loss contrastive
    lfw arcface "${small[@]}" --loss arcface --margin 0.3
    lfw fine-tuned --network resnet-29 --init dlib-resnet --chips "$work/chips-150" \
        --loss multi-similarity --margin 0.9 --scale 200 --people-per-batch 64 \
        --learning-rate 1e-5 --warm-up 10 --epochs 6 --average 0.99 --keep-initial 0.5
    for network in dlib-resnet "$work/fine-tuned/"; do
        "$bin/facegallery-bench" lfw --photos "$PHOTOS" --people "$held" --network "$network"
    done | tee "$results/fine-tuning.jsonl"
    lfw sface-fine-tuned --init sface --chips "$work/chips-112" \
        --loss multi-similarity --margin 0.35 --scale 60 --people-per-batch 64 --photos-per-person 2 \
        --learning-rate 2e-5 --warm-up 10 --epochs 3 --average 0.95 --keep-initial 0.5
    for network in sface "$work/sface-fine-tuned/"; do
        "$bin/facegallery-bench" lfw --photos "$PHOTOS" --people "$held" --network "$network"
    done | tee "$results/sface-fine-tuning.jsonl"
fi

if [ -n "${ORL:-}" ]; then
    for seed in 1 2 3 4 5; do
        run "orl-$seed" "$ORL" --no-detect --side 64 --loss arcface --epochs 60 \
            --validation-share 0.25 --seed "$seed" --chips "$work/chips-orl"
    done
fi

Bench/plot-training.sh
