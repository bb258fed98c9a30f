#!/usr/bin/env bash
# Installs the Debian packages of packages.txt that are missing, and says which before it starts.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname "$0")/common.sh"

mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$setup_folder/packages.txt")

command -v dpkg-query >/dev/null || fail "this is not Debian: install the equivalents of ${wanted[*]} by hand."

missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ]; then
    say "packages: all ${#wanted[@]} are installed"
    exit 0
fi

install=(apt-get install --yes --no-install-recommends "${missing[@]}")
say "packages: will install ${#missing[@]} of ${#wanted[@]} and what they depend on: ${missing[*]}"
if [ "$(id -u)" -eq 0 ]; then
    as_root=(env DEBIAN_FRONTEND=noninteractive)
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
else
    fail "packages are missing and this user may not install them. Ask an administrator to run:
    apt-get update && ${install[*]}"
fi

"${as_root[@]}" apt-get update -qq || say "packages: the package lists could not all be refreshed; trying with the old ones"
"${as_root[@]}" "${install[@]}" >&2 \
    || fail "apt-get could not install them. Run it by hand to see why:
    apt-get update && ${install[*]}"
