#!/usr/bin/env bash
# The main job on real photos: enrol people, identify other photos of them, show a stranger.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"
cd "$project"
started=$(date +%s%N)

"$setup_folder/install-packages.sh"
"$setup_folder/fetch-models.sh"
say "build: swift build -c release --product facegallery"
swift build -c release --product facegallery >&2
ready=$(date +%s%N)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
photos=$cache/photos
export FACEGALLERY_GALLERY=$folder/gallery
PATH=$(swift build -c release --show-bin-path):$PATH

show() {
    printf '\n$ %s\n' "$(printf '%s ' "$@" | sed -e "s|$photos/||g" -e "s|$folder/||g")"
    "$@" || [ $? -eq 1 ]
}

mkdir -p "$folder/people/Barack Obama" "$folder/people/Joe Biden"
cp "$photos/obama.jpg" "$folder/people/Barack Obama/"
printf '\nOfficial portraits, a folder a person; one photo of Barack Obama is enrolled first.\n'
show facegallery create
show facegallery enroll "$folder/people"
printf '\nOther photos of him are found; Joe Biden, not enrolled yet, is unknown.\n'
show facegallery identify "$photos/obama2.jpg" "$photos/obama3.jpg" "$photos/biden.jpg"
cp "$photos/biden.jpg" "$folder/people/Joe Biden/"
printf '\nThe same folder again, with one photo of Joe Biden: what is enrolled already is left alone.\n'
show facegallery enroll "$folder/people"
show facegallery identify "$photos/biden.jpg" "$photos/32bit.png"
show facegallery verify "$photos/obama.jpg" "$photos/obama2.jpg"
show facegallery stats
show facegallery check

ended=$(date +%s%N)
printf '\nDone: set-up and build %d.%d s, the commands above %d.%d s.\n' \
    $(((ready - started) / 1000000000)) $(((ready - started) / 100000000 % 10)) \
    $(((ended - ready) / 1000000000)) $(((ended - ready) / 100000000 % 10))
