#!/usr/bin/env bash
# Runs the measurements of Bench/README.md; PHOTOS and PAIRS name Labeled Faces in the Wild, where they are at hand.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=../setup/common.sh
source setup/common.sh

bench=$(swift build -c release --show-bin-path)/facegallery-bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tar -xzOf "$cache/downloads/face_recognition_models-0.3.0.tar.gz" \
    face_recognition_models-0.3.0/face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat \
    >"$work/model.dat"
g++ -O2 -march=native -std=c++17 -I setup/dlib-network -o "$work/reference" Bench/dlib-reference/reference.cpp \
    -ldlib -lblas -llapack -lpthread

peer=(--reference "$work/reference" --model "$work/model.dat")
"$bench" network "${peer[@]}"
"$bench" search
if [ -n "${PHOTOS:-}" ]; then
    "$bench" pipeline --photos "$PHOTOS" "${peer[@]}"
    if [ -n "${PAIRS:-}" ]; then "$bench" lfw --photos "$PHOTOS" --pairs "$PAIRS"; fi
else
    say "bench: PHOTOS=DIR PAIRS=FILE make bench measures the pipeline and its accuracy too"
fi
