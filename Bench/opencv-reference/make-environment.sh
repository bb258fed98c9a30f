#!/usr/bin/env bash
# Makes an environment with OpenCV and onnxruntime in the cache, all of it pinned by hash; prints its interpreter.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../setup/common.sh
source "$here/../../setup/common.sh"
# shellcheck source=../python-environment.sh
source "$here/../python-environment.sh"

environment=$cache/opencv
wanted=$(sha256sum <"$here/requirements.txt" | cut -d' ' -f1)
if ! environment_is_complete; then
    begin_environment "OpenCV and onnxruntime are"
    say "OpenCV and onnxruntime: installing from PyPI to $environment (110 MB)"
    install --only-binary :all: -r "$here/requirements.txt"
    complete_environment
fi
echo "$environment/bin/python"
