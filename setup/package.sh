#!/usr/bin/env bash
# Makes a Debian package of what `make build` has built, in .build/package; the same build gives the same bytes.
set -euo pipefail
fail() { printf 'package: %s\n' "$*" >&2; exit 1; }

project=$(cd "$(dirname "$0")/.." && pwd)
cd "$project"
for tool in dpkg-deb dpkg-shlibdeps; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install Debian's package dpkg-dev"
done
[ -x .build/release/facegallery ] || fail "nothing is built: run 'make build' first"
# The day of the commit, so that a package can be made again.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=$(stat -c %Y CHANGELOG.md)
fi
export SOURCE_DATE_EPOCH
umask 022

version=$(.build/release/facegallery --version | sed -n 's/^facegallery \([0-9.]*\).*/\1/p')
[ -n "$version" ] || fail "the program does not say its version"
# Who makes a package for others says so as Debian's tools expect it.
maintainer="${DEBFULLNAME:-The FaceGallery authors} <${DEBEMAIL:-facegallery@facegallery.invalid}>"
architecture=$(dpkg --print-architecture)
root=.build/package/root
rm -rf .build/package
mkdir -p "$root/DEBIAN"
setup/install.sh install "$project/$root" /usr
# Debian's places and forms for what `make install` has put where other systems look.
rm "$root/usr/libexec/facegallery/installed" "$root/usr/share/doc/facegallery/LICENSE"
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root/usr/share/zsh/site-functions/_facegallery" "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"
find "$root/usr/share/man" -type f -exec gzip -9n {} +
documents=$root/usr/share/doc/facegallery
mv "$documents/CHANGELOG.md" "$documents/changelog"
{
    printf 'facegallery (%s-1) bookworm; urgency=medium\n\n  * Version %s: see changelog.gz.\n\n' "$version" "$version"
    printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} >"$documents/changelog.Debian"
gzip -9n "$documents/changelog" "$documents/changelog.Debian"
install -m 644 setup/package/copyright "$documents/copyright"
install -m 755 setup/package/postrm "$root/DEBIAN/postrm"

# What the programs link with; then what they load while they run.
mkdir -p .build/package/work/debian
printf 'Source: facegallery\n\nPackage: facegallery\nArchitecture: any\n' >.build/package/work/debian/control
programs=$(cd "$root" && find usr/bin usr/libexec -type f -printf "$project/$root/%p ")
# shellcheck disable=SC2086
linked=$(cd .build/package/work && dpkg-shlibdeps --warnings=0 -O $programs | sed -n 's/^shlibs:Depends=//p')
depends="$linked, libvips42, libgdk-pixbuf-2.0-0, libopenblas0, libmicrohttpd12"

(cd "$root" && find usr -type f -printf '%P\0' | LC_ALL=C sort -z | (cd usr && xargs -0 md5sum) \
    | sed 's|  |  usr/|') >"$root/DEBIAN/md5sums"
size=$(du -sk --apparent-size "$root/usr" | cut -f1)
sed -e "s/@VERSION@/$version-1/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" \
    -e "s/@DEPENDS@/$depends/" -e "s/@MAINTAINER@/$maintainer/" setup/package/control >"$root/DEBIAN/control"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

file=.build/package/facegallery_$version-1_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$file" >&2
printf '%s\n' "$file"
