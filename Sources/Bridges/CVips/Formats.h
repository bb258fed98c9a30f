// The allow-list: formats, how each begins, and the one libvips loader each is given to.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vips/vips.h>

#include "CVips.h"
#include "Watch.h"

// Blocks every libvips loader but those of the list. Call once, after libvips has started.
void cvips_allow_formats(void);

// Whether the libvips of this machine has the loader of `format`. Call after libvips has started.
int cvips_has_loader(cvips_format format);

// The picture with its header read and its conversion to 8-bit grey or sRGB prepared; the caller unrefs it.
// NULL on failure.
// `*pixel_bytes` becomes what a pixel takes before the conversion. `watch` must outlive the picture.
VipsImage *cvips_load(cvips_format format, const uint8_t *bytes, size_t length, cvips_reading reading,
                      int *orientation, int32_t *pixel_bytes, cvips_watch *watch);
