// The allow-list: formats, how each begins, and the one libvips loader each is given to.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

typedef enum {
    CVIPS_FORMAT_NONE,
    CVIPS_FORMAT_JPEG,
    CVIPS_FORMAT_PNG,
    CVIPS_FORMAT_WEBP,
    CVIPS_FORMAT_TIFF,
    CVIPS_FORMAT_HEIF,
    CVIPS_FORMAT_GIF,
    CVIPS_FORMAT_PNM,
} cvips_format;

// Blocks every libvips loader but those of the list. Call once, after libvips has started.
void cvips_allow_formats(void);

cvips_format cvips_format_of(const uint8_t *bytes, size_t length);

// The picture with its header read and its conversion to 8-bit grey or sRGB prepared; the caller unrefs it.
// NULL on failure, with the reason in libvips's error log.
VipsImage *cvips_load(cvips_format format, const uint8_t *bytes, size_t length, int *orientation);
