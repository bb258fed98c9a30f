// BMP through the loader of that one format in gdk-pixbuf, which libvips depends on for SVG and so is always there.
// libvips itself reads BMP through ImageMagick alone, which guesses formats and brings a hundred decoders within
// reach of a hostile file.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "Watch.h"

// Whether gdk-pixbuf and its BMP loader are installed.
int cvips_has_bitmap_loader(void);

// Pixels across and down by the header; 0 where there is no usable header. Nothing is decoded.
int cvips_bitmap_size(const uint8_t *bytes, size_t length, int32_t *width, int32_t *height);

// Decodes into `rgb`, 3 * width * height bytes. 0 on success; on failure also 0 rows have been written.
int cvips_bitmap_decode(const uint8_t *bytes, size_t length, int32_t width, int32_t height, uint8_t *rgb,
                        cvips_watch *watch);
