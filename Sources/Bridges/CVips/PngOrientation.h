// The orientation of a PNG, which libvips 8.14 built on libpng does not read.
#pragma once

#include <stddef.h>
#include <stdint.h>

// 1...8; 1 where the file says nothing that makes sense. Never reads beyond `length`.
//
// Programs write it in three places, of which the first that is there counts: the chunk `eXIf`; EXIF as hexadecimal
// text, compressed or not, under the names that ImageMagick gave it (`Raw profile type exif`, `APP1`); XMP, in its own
// chunk or as such a text (`Raw profile type xmp`, `APP1`).
int cvips_png_orientation(const uint8_t *bytes, size_t length);
