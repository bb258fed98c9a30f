#!/usr/bin/env bash
# Makes an environment with the peers of `cluster` in the cache, all of it pinned by hash; prints its interpreter.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../setup/common.sh
source "$here/../../setup/common.sh"
# shellcheck source=../python-environment.sh
source "$here/../python-environment.sh"

ready_environment clustering "the peers of cluster" "250 MB"
