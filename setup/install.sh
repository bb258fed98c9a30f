#!/usr/bin/env bash
# Puts what `make build` has built in its place, or removes it: install.sh install|uninstall DESTDIR PREFIX
# Everything lands below DESTDIR/PREFIX. Nothing is built here, so root needs no Swift toolchain.
set -euo pipefail
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }

[ $# -eq 3 ] || fail "usage: install.sh install|uninstall DESTDIR PREFIX"
work=$1 prefix=${3%/} top=$2${3%/}
case $prefix in /*) ;; *) fail "PREFIX must be an absolute path: '$3'" ;; esac
project=$(cd "$(dirname "$0")/.." && pwd)
built=$project/.build/release
# What was installed, a path a line, below PREFIX; the last thing that is written, the last that is removed.
list=$top/libexec/facegallery/installed

place() { # place MODE FILE PATH...: a file, or the standard output of a command, at a path below PREFIX
    install -D -m "$1" "$2" "$top/$3"
    printf '%s\n' "$3" >>"$files"
}

case $work in
    install)
        for program in facegallery facegallery-hdf5 facegallery-convert-dlib; do
            [ -x "$built/$program" ] || fail "$built/$program is not there: run 'make build' first"
        done
        if readelf -d "$built/facegallery" | grep -q 'NEEDED.*libswift'; then
            fail "$built/facegallery needs Swift's libraries: run 'make build', which links them statically"
        fi
        texts=$(mktemp -d)
        trap 'rm -rf "$texts"' EXIT
        files=$texts/installed
        umask 022
        mkdir "$texts/man"
        "$built/facegallery" --generate-manual "$texts/man"
        for shell in bash zsh fish; do
            "$built/facegallery" --generate-completion-script "$shell" >"$texts/$shell"
        done
        # What an earlier version had, and this one has not, goes.
        [ ! -f "$list" ] || "$0" uninstall "$2" "$3" 2>/dev/null
        place 755 "$built/facegallery" bin/facegallery
        for helper in facegallery-hdf5 facegallery-convert-dlib; do
            place 755 "$built/$helper" "libexec/facegallery/$helper"
        done
        while read -r program; do
            # Symbols are two thirds of a program; what a crash reports needs none of them.
            strip --strip-unneeded "$top/$program"
        done <"$files"
        for page in "$texts"/man/*; do place 644 "$page" "share/man/man1/${page##*/}"; done
        place 644 "$texts/bash" share/bash-completion/completions/facegallery
        place 644 "$texts/zsh" share/zsh/site-functions/_facegallery
        place 644 "$texts/fish" share/fish/vendor_completions.d/facegallery.fish
        for text in LICENSE README.md CHANGELOG.md; do
            place 644 "$project/$text" "share/doc/facegallery/$text"
        done
        install -D -m 644 "$files" "$list"
        printf 'installed in %s; models: facegallery setup\n' "$top" >&2
        ;;
    uninstall)
        [ -f "$list" ] || fail "nothing is installed in $top: $list is not there"
        while read -r path; do
            case $path in /* | *..*) fail "$list holds '$path', which is not below PREFIX" ;; esac
            rm -f "$top/$path"
        done <"$list"
        rm -f "$list"
        for folder in libexec/facegallery share/doc/facegallery; do
            rmdir --ignore-fail-on-non-empty "$top/$folder"
        done
        printf 'removed from %s; models and galleries are left alone\n' "$top" >&2
        ;;
    *) fail "unknown word '$work'" ;;
esac
