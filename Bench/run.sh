#!/usr/bin/env bash
# Runs the measurements of Bench/README.md: `run.sh quick` (about ten minutes, 200,000 references) or `run.sh full`
# (hours, up to 10,000,000 references and 20 GB in WORK).
#
# Results come to Bench/Results (RESULTS), one file a measurement; then plots and tables are made of them. WORK
# keeps data and indexes (default .build/bench). EMBEDDINGS names a folder with a network's templates of real photos
# in dlib-resnet/ and margin-softmax/ (lfw-dev.npy, lfw-dev.txt), PHOTOS and PAIRS Labeled Faces in the Wild.
# ONLY names the parts to run: data peers recall latency histories scaling churn enroll forms
# calibration growth clusters network.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=../setup/common.sh
source setup/common.sh

size=${1:-quick}
results=${RESULTS:-Bench/Results}
work=${WORK:-.build/bench}
kinds=(margin-softmax dlib-resnet)
bin=$(swift build -c release --show-bin-path)
bench=$bin/facegallery-bench
mkdir -p "$work" "$results"

case $size in
quick)
    peer_sizes=(200000) recall_sizes=(200000) count=2000
    one=200000 scaling=10000,50000,200000 churn=100000 enroll_sizes=(200000) steps=10
    peer_options=(--grid coarse --rounds 2)
    peer_options+=(--peers faiss-flat,faiss-pq64,faiss-pq64-product,faiss-rabitq2,scann,scann-soar,hnswlib,usearch-bf16)
    ;;
full)
    peer_sizes=(200000 1000000) recall_sizes=(10000 100000 1000000 5000000) count=10000
    one=1000000 scaling=10000,100000,1000000,10000000 churn=1000000 enroll_sizes=(1000000 10000000) steps=100
    peer_options=(--grid fine --rounds 5)
    ;;
*) fail "run.sh takes quick or full, not $size" ;;
esac

wants() { [ -z "${ONLY:-}" ] || case " $ONLY " in *" $1 "*) true ;; *) false ;; esac; }

# real KIND: the words that mix in templates of real photos, where they are at hand.
real() {
    if [ -e "${EMBEDDINGS:-/nowhere}/$1/lfw-dev.npy" ]; then printf '%s\n' --photos "$EMBEDDINGS/$1"; fi
}

# record NAME COMMAND…: keeps what a command prints, once it has ended well.
record() {
    local name=$1
    shift
    say "bench: $name"
    "$@" >"$work/$name.part"
    mv "$work/$name.part" "$results/$name.jsonl"
}

# A folder a set of references, made once.
prepare() {
    local kind=$1 n=$2 folder=$work/$1-$2
    mkdir -p "$folder"
    [ -e "$folder/complete" ] && return
    mapfile -t photos < <(real "$kind")
    "$bench" data --kind "$kind" -n "$n" "${photos[@]}" --out "$folder/base.npy" --probes "$folder/mate.npy" \
        --non-mated "$folder/non-mated.npy"
    touch "$folder/complete"
}

if wants peers; then
    python=$(Bench/peers/make-environment.sh) || python=
    for n in "${peer_sizes[@]}"; do
        for kind in "${kinds[@]}"; do
            prepare "$kind" "$n"
            folder=$work/$kind-$n
            sets=(--base "$folder/base.npy")
            if [ -n "$python" ]; then
                say "bench: peers-$kind-$n"
                "$python" Bench/peers/run.py --bench "$bench" "${sets[@]}" --mated "$folder/mate.npy" \
                    --non-mated "$folder/non-mated.npy" --out "$results/peers-$kind-$n.jsonl" "${peer_options[@]}"
            fi
            for threads in 1 2; do
                record "search-$kind-$n-$threads" "$bench" search "${sets[@]}" --probes "$folder/mate.npy" \
                    --truth "$folder/mate-truth.npy" --index "$folder/index" --threads "$threads" --sweep --json
            done
            rm -rf "$folder/index"
        done
    done
fi
if wants recall; then
    for n in "${recall_sizes[@]}"; do
        for kind in "${kinds[@]}"; do
            mapfile -t photos < <(real "$kind")
            [ ${#photos[@]} -eq 0 ] || photos+=(--per-person 100)
            record "recall-$kind-$n" "$bench" recall --kind "$kind" -n "$n" --count "$count" "${photos[@]}" --json
        done
    done
    for kind in uniform clusters duplicates; do
        record "recall-$kind-$((one / 4))" "$bench" recall --kind "$kind" -n $((one / 4)) --count 2000 --json
    done
    # Where all are equal every answer ties, and every search compares everything in float32.
    record "recall-equal-$((one / 20))" "$bench" recall --kind equal -n $((one / 20)) --count 100 --rounds 1 --json
    record "recall-people-512-$((one / 2))" "$bench" recall --kind people --dimension 512 -n $((one / 2)) --count 2000 --json
fi
if wants latency; then
    for kind in "${kinds[@]}"; do
        mapfile -t photos < <(real "$kind")
        record "latency-$kind-$one" "$bench" latency --kind "$kind" -n "$one" "${photos[@]}" \
            --cli "$bin/facegallery" --json
    done
fi
if wants histories; then
    prepare margin-softmax "$one"
    folder=$work/margin-softmax-$one
    record "histories-$one" Bench/histories.py --facegallery "$bin/facegallery" --references "$folder/base.npy" \
        --probes "$folder/mate.npy" --work "$work/histories"
    rm -rf "$work/histories"
fi
if wants scaling; then
    for kind in "${kinds[@]}"; do
        record "scaling-$kind-${scaling##*,}" "$bench" scaling --kind "$kind" --sizes "$scaling" --count 1000 --json
    done
fi
if wants churn; then
    for kind in "${kinds[@]}"; do
        mapfile -t photos < <(real "$kind")
        record "churn-$kind-$churn" "$bench" churn --kind "$kind" -n "$churn" --count 1000 "${photos[@]}" --json
    done
fi
if wants enroll; then
    for n in "${enroll_sizes[@]}"; do record "enroll-$n" "$bench" enroll -n "$n" --count 10 --json; done
fi
if wants forms; then record "forms-$one" "$bench" forms -n "$one" --count 10 --json; fi
if wants calibration; then
    for kind in "${kinds[@]}"; do
        record "calibration-$kind" "$bench" calibration --kind "$kind" --sizes "1000,10000,100000,$one" --work "$work"
    done
fi
if wants growth; then record "growth-$one" "$bench" growth -n "$one" --steps "$steps" --json; fi
# Needs templates of photos, and an hour for the peers at 100,000 faces.
if wants clusters && [ -n "${EMBEDDINGS:-}" ] && python=$(Bench/clustering/make-environment.sh); then
    clusters() {
        local name=$1 similarity=$2 grid=$3
        shift 3
        record "cluster-$name" "$python" Bench/clustering/run.py --bench "$bench" --work "$work/clusters" \
            --min-similarity "$similarity" --grid "$grid" "$@"
    }
    clusters sface 0.49 0.45,0.475,0.5,0.525,0.55 --seconds 120 -- --photos "$EMBEDDINGS/sface"
    clusters margin-softmax 0.485 0.45,0.475,0.5,0.525,0.55 --seconds 120 -- --photos "$EMBEDDINGS/margin-softmax"
    clusters dlib-resnet 0.94 0.94,0.945,0.95,0.955,0.96 --seconds 120 -- --photos "$EMBEDDINGS/dlib-resnet"
    if [ "$size" = full ]; then
        clusters sface-100000 0.49 0.5,0.55 --seconds 1200 -- --kind margin-softmax \
            --statistics "$EMBEDDINGS/sface" -n 100000
    fi
fi
if wants network; then
    tar -xzOf "$cache/downloads/face_recognition_models-0.3.0.tar.gz" \
        face_recognition_models-0.3.0/face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat \
        >"$work/model.dat"
    g++ -O2 -march=native -std=c++17 -I setup/dlib-network -o "$work/reference" Bench/dlib-reference/reference.cpp \
        -ldlib -lblas -llapack -lpthread
    peer=(--reference "$work/reference" --model "$work/model.dat")
    record network "$bench" network "${peer[@]}"
    # Imported networks beside onnxruntime: NETWORKS names folders of them, and their chips are bytes of portraits.
    if [ -n "${NETWORKS:-}" ] && python=$(Bench/onnxruntime-reference/make-environment.sh); then
        head -c $((7 * 112 * 112 * 3)) Tests/NetworkTests/Fixtures/portraits.rgb >"$work/chips-112.rgb"
        printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$PWD/Bench/onnxruntime-reference/forward.py" \
            >"$work/onnxruntime"
        chmod +x "$work/onnxruntime"
        for network in $NETWORKS; do
            record "network-$(basename "$network")" "$bench" network --network "$network/" \
                --chips "$work/chips-112.rgb" --reference "$work/onnxruntime" --model "$network/network.onnx"
        done
    fi
    if [ -n "${PHOTOS:-}" ]; then
        record pipeline "$bench" pipeline --photos "$PHOTOS" "${peer[@]}"
        record quality "$bench" quality --photos "$PHOTOS"
        record kept "$bench" kept --photos "$PHOTOS"
        for n in 4 8; do record "quality-blur-$n" "$bench" quality --photos "$PHOTOS" --blur "$n"; done
        if python=$(Bench/enrollment/make-environment.sh); then
            say "bench: enroll-photos"
            "$python" Bench/enrollment/run.py --photos "$PHOTOS" --facegallery "$bin/facegallery" --python "$python" \
                --shape "$cache/detector/shape_predictor_5_face_landmarks.dat" --network "$work/model.dat" \
                --out "$results/enroll-photos.jsonl"
        fi
        if [ -n "${PAIRS:-}" ]; then record lfw "$bench" lfw --photos "$PHOTOS" --pairs "$PAIRS"; fi
    else
        say "bench: PHOTOS=DIR PAIRS=FILE measures the pipeline and its accuracy too"
    fi
fi
Bench/plots.py
Bench/tables.py
