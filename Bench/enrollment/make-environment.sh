#!/usr/bin/env bash
# Makes an environment with dlib's Python module in the cache, all of it pinned by hash; prints its interpreter.
#
# dlib comes as a source archive and is compiled for this processor, with OpenBLAS and in about ten minutes of one core:
# PyPI's ready wheels (dlib-bin) have neither BLAS nor AVX-512, and need four times as long for a face.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../setup/common.sh
source "$here/../../setup/common.sh"

environment=$cache/dlib
wanted=$(cat "$here"/*.txt | sha256sum | cut -d' ' -f1)
if [ "$(cat "$environment/.requirements" 2>/dev/null || true)" = "$wanted" ]; then
    echo "$environment/bin/python"
    exit 0
fi

python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
    fail "dlib's module is pinned for Python 3.11; python3 is $(python3 --version)"
pip=$(command -v python3)
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
umask 077
rm -rf "$environment"
mkdir -p "$cache"
python3 -m venv --without-pip "$environment"

install() {
    "$pip" -m pip --python "$environment/bin/python" install --quiet --no-deps --require-hashes "$@" >&2
}

say "dlib: compiling its Python module in $environment (about ten minutes of one core)"
install --only-binary :all: -r "$here/build-requirements.txt"
install --only-binary :all: -r "$here/requirements.txt"
CXXFLAGS="-O2 -march=native" CMAKE_BUILD_PARALLEL_LEVEL=${JOBS:-1} PATH=$environment/bin:$PATH \
    install --no-binary :all: --no-build-isolation -r "$here/dlib.txt"
printf '%s' "$wanted" >"$environment/.requirements"
echo "$environment/bin/python"
