#!/usr/bin/env bash
# Builds the pages of the library's public calls with the toolchain's DocC, into .build/docs. Every warning is an
# error: a link to nothing, a parameter without a word. The code of the tutorial is compiled.
# usage: setup/build-docs.sh BUILD, the folder of a finished debug build (.build/debug)
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
out=.build/docs
modules=(Concurrency GalleryModel FaceImage Network Gallery Enrollment GalleryTesting Training IsolatedHDF5 VectorFiles)

flags=(-I "$build/Modules")
for map in "$build"/C*.build/module.modulemap Sources/Bridges/C*/module.modulemap; do
    flags+=(-Xcc "-fmodule-map-file=$(realpath "$map")")
done
for include in $(pkg-config --cflags-only-I gobject-2.0 hdf5-serial); do flags+=(-Xcc "$include"); done

rm -rf "$out"
mkdir -p "$out/symbols"
for module in "${modules[@]}"; do
    swift-symbolgraph-extract -module-name "$module" -target x86_64-unknown-linux-gnu "${flags[@]}" \
        -minimum-access-level public -skip-synthesized-members -skip-inherited-docs -output-dir "$out/symbols"
done
docc convert docs/FaceGallery.docc --additional-symbol-graph-dir "$out/symbols" --output-path "$out/FaceGallery.doccarchive" \
    --fallback-display-name FaceGallery --fallback-bundle-identifier facegallery \
    --transform-for-static-hosting --warnings-as-errors
for step in docs/FaceGallery.docc/Resources/*.swift; do
    cp "$step" "$out/main.swift"
    swiftc -typecheck -swift-version 6 -warnings-as-errors "${flags[@]}" "$out/main.swift"
done
rm -r "$out/main.swift" "$out/symbols"
echo "$out/FaceGallery.doccarchive: ${#modules[@]} modules; show it with: python3 -m http.server -d $out/FaceGallery.doccarchive"
