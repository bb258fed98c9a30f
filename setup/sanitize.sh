#!/usr/bin/env bash
# Runs the tests that cross into C under AddressSanitizer (with leak detection) and ThreadSanitizer.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
cd "$project"

export LSAN_OPTIONS="suppressions=$project/setup/leaks.txt:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$project/setup/races.txt:print_suppressions=0"
suites='FilesTests|ConcurrencyTests|PhotoManifestTests|VectorFilesTests|HDF5FilesTests|ReferenceFilesTests|TemplateStoreTests'
suites+='|VectorIndexTests|FaceImageTests|OnnxTests|NetworkTests|NetworkExportTests|GalleryTests|TrainingTests'
# What is not optimised at all takes hours here.
optimised=(-Xcc -O1 -Xcxx -O1 -Xswiftc -O -Xswiftc -assert-config -Xswiftc Debug)
for sanitizer in address thread; do
    say "== $sanitizer sanitizer"
    swift test --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" --disable-xctest "${optimised[@]}" \
        --filter "$suites"
done
