// The orientation that EXIF or XMP tells: 1...8, or 0 where it tells none that makes sense.
#pragma once

#include <stddef.h>
#include <stdint.h>

// `exif` is a TIFF header with its first directory, with or without JPEG's name before it.
int cvips_exif_orientation(const uint8_t *exif, size_t length);

// `xmp` is a packet of XML.
int cvips_xmp_orientation(const uint8_t *xmp, size_t length);
