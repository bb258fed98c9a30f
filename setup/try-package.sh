#!/usr/bin/env bash
# Tries the package of `make package` on a bare Debian 12, as root: try-package.sh ROOT [PACKAGE.deb]
# ROOT is a folder that is not there, or one that this script has made; debootstrap fills it (about 200 MB).
# What is tried: the RUN lines of Containerfile, the demo, other users, removal.
set -euo pipefail
fail() { printf 'try-package: %s\n' "$*" >&2; exit 1; }
say() { printf '\n== %s\n' "$*"; }

[ $# -ge 1 ] || fail "usage: try-package.sh ROOT [PACKAGE.deb]"
[ "$(id -u)" -eq 0 ] || fail "only root can enter another root"
project=$(cd "$(dirname "$0")/.." && pwd)
root=$1
package=${2:-$(ls "$project"/.build/package/facegallery_*.deb)}
[ -f "$package" ] || fail "no package: run 'make package' first"
mark=$root/etc/made-by-try-package

if [ ! -e "$mark" ]; then
    [ ! -e "$root" ] || fail "$root is there and was not made by this script"
    say "debootstrap --variant=minbase bookworm $root"
    debootstrap --variant=minbase bookworm "$root" >"$root.log" 2>&1 || fail "see $root.log"
    touch "$mark"
fi
cp /etc/resolv.conf /etc/hosts "$root/etc/"
# Where this machine trusts further certificates, the root reaches the same mirrors with them.
mkdir -p "$root/usr/local/share/ca-certificates"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \;

# Runs a line of shell in the root, with mounts and processes of its own.
enter() {
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --propagation private sh -c '
        mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/dev/shm" \
            && exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root \
                DEBIAN_FRONTEND=noninteractive sh -euc "$2"' sh "$root" "$1"
}

say "no toolchain"
enter 'for tool in swift swiftc cc python3; do ! command -v $tool || exit 1; done; [ ! -e /opt/swift ]'

mkdir -p "$root/tmp"
cp "$package" "$root/tmp/"
while read -r line; do
    say "$line"
    started=$(date +%s%N)
    enter "$line"
    printf 'took %d s\n' $((($(date +%s%N) - started) / 1000000000))
done < <(sed -n 's/^RUN //p' "$project/Containerfile")

say "what was installed"
enter 'facegallery --version; dpkg-query -W -f "\${Installed-Size} KB of facegallery\n" facegallery
    bash -c ". /usr/share/bash-completion/completions/facegallery && complete -p facegallery"
    du -sh /var/lib/facegallery'

say "a demo, by a user without a home folder, whose language is C"
enter 'facegallery setup portraits
    rm -rf /srv/try && mkdir -p /srv/try && cd /srv/try
    mkdir -p "people/Barack Obama" new && cp /root/.cache/facegallery/photos/obama.jpg "people/Barack Obama/"
    cp /root/.cache/facegallery/photos/obama2.jpg /root/.cache/facegallery/photos/biden.jpg new/
    chown -R 54321:54321 /srv/try'
demo=$(enter 'cd /srv/try; as() { setpriv --reuid=54321 --regid=54321 --clear-groups env -i LANG=C facegallery "$@"; }
    as create -g faces; as enroll -g faces people/; as identify -g faces new/
    as export -g faces --hdf5 faces.h5; as import -g copy faces.h5; as check -g copy' 2>&1) || fail "$demo"
printf '%s\n' "$demo"
grep -q 'obama2.jpg.*match: Barack Obama' <<<"$demo" || fail "the enrolled person was not found"
grep -q 'biden.jpg.*unknown' <<<"$demo" || fail "a stranger was named"

say "time to the first answer: create, enroll, identify"
enter 'cd /srv/try; started=$(date +%s%N); facegallery create -g timed; facegallery enroll -g timed people/
    facegallery identify -g timed new/obama2.jpg
    echo "$(( ($(date +%s%N) - started) / 1000000 )) ms"' 2>&1

say "remove and purge"
enter 'apt-get remove --yes -qq facegallery >/dev/null; ! command -v facegallery; [ ! -e /usr/libexec/facegallery ]
    [ -d /var/lib/facegallery/networks ]; apt-get purge --yes -qq facegallery >/dev/null
    [ ! -e /var/lib/facegallery ]; [ -d /srv/try/faces ]; ! dpkg-query -W facegallery 2>/dev/null'
say "all was well"
