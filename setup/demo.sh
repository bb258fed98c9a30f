#!/usr/bin/env bash
# The main job on real photos: enrol people, identify other photos of them, show a stranger.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
cd "$project"
started=$(date +%s%N)

"$setup_folder/install-packages.sh"
"$setup_folder/fetch-models.sh"
say "build: swift build -c release --static-swift-stdlib --product facegallery"
swift build -c release --static-swift-stdlib --product facegallery >&2
ready=$(date +%s%N)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PATH=$(swift build -c release --show-bin-path):$PATH
cd "$folder"
mkdir -p "people/Barack Obama" "people/Joe Biden" new
cp "$cache/photos/obama.jpg" "people/Barack Obama/portrait.jpg"
cp "$cache/photos/obama2.jpg" "$cache/photos/obama3.jpg" "$cache/photos/biden.jpg" new/
export FACEGALLERY_GALLERY=gallery

show() {
    printf '\n$ %s\n' "$*"
    # Without a terminal to read from, a first run does not ask.
    "$@" </dev/null
}

printf '\nOfficial portraits in a folder a person. One photo of Barack Obama is enrolled:\n'
show facegallery create
show facegallery enroll people/
printf '\nOther photos of him are found; Joe Biden is not enrolled yet, so he is unknown:\n'
show facegallery identify new/
printf '\nOne photo of Joe Biden joins the folder; what is enrolled already is left alone:\n'
cp new/biden.jpg "people/Joe Biden/portrait.jpg"
show facegallery enroll people/
show facegallery identify new/biden.jpg
show facegallery verify new/obama2.jpg new/obama3.jpg
show facegallery stats
show facegallery check

ended=$(date +%s%N)
printf '\nDone: set-up and build %d.%d s, the commands above %d.%d s.\n' \
    $(((ready - started) / 1000000000)) $(((ready - started) / 100000000 % 10)) \
    $(((ended - ready) / 1000000000)) $(((ended - ready) / 100000000 % 10))
