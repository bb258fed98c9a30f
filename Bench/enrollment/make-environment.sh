#!/usr/bin/env bash
# Makes an environment with dlib's Python module in the cache, all of it pinned by hash; prints its interpreter.
#
# dlib comes as a source archive and is compiled for this processor, with OpenBLAS and in about ten minutes of one core:
# PyPI's ready wheels (dlib-bin) have neither BLAS nor AVX-512, and need four times as long for a face.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../setup/common.sh
source "$here/../../setup/common.sh"
# shellcheck source=../python-environment.sh
source "$here/../python-environment.sh"

environment=$cache/dlib
wanted=$(cat "$here"/*.txt | sha256sum | cut -d' ' -f1)
if environment_is_complete; then
    echo "$environment/bin/python"
    exit 0
fi

begin_environment "dlib's module is"
say "dlib: compiling its Python module in $environment (about ten minutes of one core)"
install --only-binary :all: -r "$here/build-requirements.txt"
install --only-binary :all: -r "$here/requirements.txt"
CXXFLAGS="-O2 -march=native" CMAKE_BUILD_PARALLEL_LEVEL=${JOBS:-1} PATH=$environment/bin:$PATH \
    install --no-binary :all: --no-build-isolation -r "$here/dlib.txt"
complete_environment
echo "$environment/bin/python"
