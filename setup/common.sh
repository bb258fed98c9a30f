# Shared by the scripts of this folder: where downloads live, and how the scripts speak.
# shellcheck shell=bash

setup_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$setup_folder")
cache=${FACEGALLERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/facegallery}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
export FACEGALLERY_CACHE=$cache
export setup_folder project cache

say() { printf '%s\n' "$*" >&2; }

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# has_digest FILE SHA256: whether FILE exists and is exactly that file.
has_digest() {
    [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]
}
