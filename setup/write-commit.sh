#!/bin/sh
# Writes FOLDER/Commit.swift, which says what commit is built: write-commit.sh FOLDER
# Of a checkout git says it, of an archive that git made (`git archive`) the file commit.txt; otherwise nothing does.
# A file that says the same already is left alone, so that nothing is compiled for it.
set -eu
project=$(cd "$(dirname "$0")/.." && pwd -P)
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

commit=
# An archive may be unpacked within somebody's checkout of something else.
if [ "$(git -C "$project" rev-parse --show-toplevel 2>/dev/null)" = "$project" ]; then
    commit=$(git -C "$project" rev-parse --short=12 HEAD 2>/dev/null) || commit=
    changes=$(git -C "$project" --no-optional-locks status --porcelain --untracked-files=no 2>/dev/null) || changes=
    [ -z "$commit" ] || [ -z "$changes" ] || commit=$commit+
else
    archived=$(cut -c1-12 "$project/setup/commit.txt" 2>/dev/null) || archived=
    case $archived in *[!0-9a-f]*) ;; *) commit=$archived ;; esac
fi

text="let writtenCommit = \"$commit\""
if [ "$(cat "$1/Commit.swift" 2>/dev/null)" != "$text" ]; then
    mkdir -p "$1"
    printf '%s\n' "$text" >"$1/Commit.swift.part"
    mv "$1/Commit.swift.part" "$1/Commit.swift"
fi
