# Shared by the scripts that make Python environments in the cache, every package pinned by hash.
# shellcheck shell=bash

# environment_is_complete: whether $environment holds what $wanted stands for.
environment_is_complete() { [ "$(cat "$environment/.requirements" 2>/dev/null || true)" = "$wanted" ]; }

# begin_environment WHAT: makes $environment anew, empty; WHAT is pinned for one version of Python.
begin_environment() {
    python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
        fail "$1 pinned for Python 3.11; python3 is $(python3 --version)"
    pip=$(command -v python3)
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
    umask 077
    rm -rf "$environment"
    mkdir -p "$cache"
    python3 -m venv --without-pip "$environment"
}

# install PIP-OPTION…: into $environment, by hash.
install() {
    "$pip" -m pip --python "$environment/bin/python" install --quiet --no-deps --require-hashes "$@" >&2
}

# ready_environment NAME WHAT SIZE: what a script does whose requirements.txt, in $here, is all there is to install from
# ready wheels: makes the environment NAME of the cache where it is not complete, and prints its interpreter.
ready_environment() {
    environment=$cache/$1
    wanted=$(sha256sum <"$here/requirements.txt" | cut -d' ' -f1)
    if ! environment_is_complete; then
        begin_environment "the packages of $2 are"
        say "$2: installing from PyPI to $environment ($3)"
        install --only-binary :all: -r "$here/requirements.txt"
        complete_environment
    fi
    echo "$environment/bin/python"
}

# complete_environment: marks it; what was cut off is made anew.
complete_environment() { printf '%s' "$wanted" >"$environment/.requirements"; }
