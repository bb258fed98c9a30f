#!/usr/bin/env bash
# Runs the tests that cross into C under AddressSanitizer (with leak detection) and ThreadSanitizer.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
cd "$project"

export LSAN_OPTIONS="suppressions=$project/setup/leaks.txt:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$project/setup/races.txt:print_suppressions=0"
suites='VectorFilesTests|HDF5FilesTests|ReferenceFilesTests|TemplateStoreTests|VectorIndexTests|FaceImageTests|NetworkTests|NetworkExportTests|GalleryTests|TrainingTests'
# C and C++ that are not optimised at all take hours here.
optimised=(-Xcc -O1 -Xcxx -O1)
for sanitizer in address thread; do
    say "== $sanitizer sanitizer"
    swift test --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" --disable-xctest "${optimised[@]}" \
        --filter "$suites"
done
