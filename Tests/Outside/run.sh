#!/usr/bin/env bash
# Builds two programs of somebody else's, in a folder beside a link to this checkout, and runs them: one enrols photos
# and asks who is on them, the other brings a storage of its own and has it checked.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=../../setup/common.sh
source "$project/setup/common.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$project/Tests/Outside" "$folder/outside"
ln -s "$project" "$folder/facegallery"
swift build --package-path "$folder/outside" --scratch-path "${OUTSIDE_BUILD:-$folder/build}"
bin=$(swift build --package-path "$folder/outside" --scratch-path "${OUTSIDE_BUILD:-$folder/build}" --show-bin-path)

"$bin/conformance"

mkdir -p "$folder/people/Barack Obama" "$folder/people/Joe Biden" "$folder/people/Nobody"
cp "$cache/photos/obama.jpg" "$folder/people/Barack Obama/1.jpg"
cp "$cache/photos/biden.jpg" "$folder/people/Joe Biden/1.jpg"
printf 'no photo' >"$folder/people/Nobody/1.jpg"
said=$("$bin/app" "$folder/gallery" "$folder/people" "$cache/photos/obama2.jpg")
printf '%s\n' "$said"
for line in "Barack Obama is enrolled" "Joe Biden is enrolled" "Nobody's file is no photo" \
    '7 of 8 tasks say ["Barack Obama"], 1 cancelled' "1 reference removed, the face is unknown now"; do
    if [[ $said != *"$line"* ]]; then
        echo "missing: $line" >&2
        exit 1
    fi
done
