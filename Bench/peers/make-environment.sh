#!/usr/bin/env bash
# Makes the peers' own Python environment in the cache, every package pinned by hash; prints its interpreter.
#
# A peer that cannot be installed is said so and left out: the run then records it as absent.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../setup/common.sh
source "$here/../../setup/common.sh"
# shellcheck source=../python-environment.sh
source "$here/../python-environment.sh"

environment=$cache/peers
wanted=$(cat "$here"/requirements/*.txt | sha256sum | cut -d' ' -f1)
if environment_is_complete; then
    echo "$environment/bin/python"
    exit 0
fi

begin_environment "the peers are"
say "peers: installing faiss-cpu, ScaNN, USearch, SVS and hnswlib from PyPI to $environment (290 MB)"
install --only-binary :all: -r "$here/requirements/base.txt" || fail "pip could not install NumPy (see above)"
for peer in faiss scann usearch svs; do
    install --only-binary :all: -r "$here/requirements/$peer.txt" ||
        say "peers: $peer could not be installed (see above); it will be recorded as absent"
done
# Its set-up reads what stands in the environment, so that no build environment is fetched without hashes.
if ! { install --only-binary :all: -r "$here/requirements/hnswlib-build.txt" &&
    PATH=$environment/bin:$PATH install --no-binary hnswlib --no-build-isolation -r "$here/requirements/hnswlib.txt"; }; then
    say "peers: hnswlib could not be compiled (see above; it needs python3-dev); it will be recorded as absent"
fi
complete_environment
echo "$environment/bin/python"
