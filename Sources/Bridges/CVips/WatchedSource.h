// Bytes in memory as a source of libvips that ends when a watch says so.
#pragma once

#include <vips/vips.h>

#include "Watch.h"

// No read gets more than `piece` bytes. With `lacks_end`, a JPEG's end marker follows the bytes. `bytes` and `watch`
// must outlive the source. When the watch says so, reads fail; with `must_give`, they give bytes that no decoder takes
// instead, since libheif ends the process where a read fails. NULL on failure.
VipsSource *cvips_watched_source(const uint8_t *bytes, size_t length, size_t piece, int lacks_end, int must_give,
                                 cvips_watch *watch);
