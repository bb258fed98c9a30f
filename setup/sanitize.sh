#!/usr/bin/env bash
# Runs the test targets that cross into C under AddressSanitizer (with leak detection) and ThreadSanitizer, one after
# the other, and says how long each took.
#
#   setup/sanitize.sh                                  both, every target: hours on two cores
#   setup/sanitize.sh thread                           one of the two
#   setup/sanitize.sh thread TrainingTests NetworkTests
#                                                      some targets, or tests by the start of their names
#   FACEGALLERY_FUZZ_SECONDS=600 setup/sanitize.sh address OnnxTests.HostileFileTests/fuzz
#                                                      ten minutes of damaged ONNX files, with counts at the end
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
cd "$project"

export LSAN_OPTIONS="suppressions=$project/setup/leaks.txt:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$project/setup/races.txt:print_suppressions=0"

sanitizers=(address thread)
case ${1:-} in address | thread)
    sanitizers=("$1")
    shift
    ;;
esac
names=("$@")
# Without those that start programs of this package: a sanitizer sees little of a program that a test starts.
if [ ${#names[@]} = 0 ]; then
    names=(
        FilesTests ConcurrencyTests HTTPServerTests PhotoManifestTests VectorFilesTests HDF5FilesTests ReferenceFilesTests
        TemplateStoreTests VectorIndexTests FaceImageTests OnnxTests NetworkTests NetworkExportTests GalleryTests
        EnrollmentTests TrainingTests
    )
fi

# What is not optimised at all takes hours here.
optimised=(-Xcc -O1 -Xcxx -O1 -Xswiftc -O -Xswiftc -assert-config -Xswiftc Debug)
summary=()
failed=0
# timed WHAT COMMAND...: runs a command to its end, and keeps how it went and how long it took.
timed() {
    local what=$1 start=$SECONDS result=passed
    shift
    "$@" || result=FAILED
    summary+=("$(printf '%6d s  %-7s %s' $((SECONDS - start)) "$result" "$what")")
    [ "$result" = passed ] || failed=1
}
for sanitizer in "${sanitizers[@]}"; do
    say "== $sanitizer sanitizer"
    options=(--sanitize="$sanitizer" --scratch-path ".build/$sanitizer" "${optimised[@]}")
    timed "$sanitizer: build" swift build --build-tests "${options[@]}"
    [ "$failed" = 0 ] || break
    for name in "${names[@]}"; do
        timed "$sanitizer: $name" swift test --skip-build --disable-xctest "${options[@]}" --filter "^${name//./\\.}[./(]"
    done
done
say "== what took how long"
printf '%s\n' "${summary[@]}" >&2
exit "$failed"
