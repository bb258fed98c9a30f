#!/usr/bin/env bash
# Fills the cache's test-tools with what setup/test-requirements.txt names; tests that need it are skipped without.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

tools=$cache/test-tools
wanted=$(sha256sum <"$setup_folder/test-requirements.txt" | cut -d' ' -f1)
# The mark is written last: what was cut off is fetched again.
if [ "$(cat "$tools/.requirements" 2>/dev/null || true)" = "$wanted" ]; then
    say "test tools: complete in $tools"
    exit 0
fi

umask 077
rm -rf "$tools.part" "$tools"
say "test tools: installing onnxruntime, faiss-cpu, numpy and lmdb from PyPI (66 MB) to $tools"
if PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-deps \
    --require-hashes --only-binary :all: --target "$tools.part" -r "$setup_folder/test-requirements.txt" >&2; then
    printf '%s' "$wanted" >"$tools.part/.requirements"
    mv "$tools.part" "$tools"
else
    # They are wheels for one kind of machine; the suite is worth running on others too.
    rm -rf "$tools.part"
    say "test tools: pip could not install them (see above); tests against onnxruntime and FAISS will be skipped"
fi
