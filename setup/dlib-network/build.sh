#!/usr/bin/env bash
# Compiles the converter of dlib's face network (libdlib-dev, libopenblas-dev): build.sh PROGRAM
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: build.sh PROGRAM" >&2; exit 64; }
exec g++ -O1 -std=c++17 -ffunction-sections -fdata-sections -Wl,--gc-sections,--as-needed -o "$1" \
    "$(dirname "$0")/convert.cpp" -l:libdlib.a -lblas -llapack -lpthread
