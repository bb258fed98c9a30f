// The EXIF orientation of a PNG, which libvips 8.14 built on libpng does not read.
#pragma once

#include <stddef.h>
#include <stdint.h>

// 1...8; 1 where the file has no `eXIf` chunk or one that makes no sense. Never reads beyond `length`.
int cvips_png_orientation(const uint8_t *bytes, size_t length);
