// Decoders that the distribution keeps in modules of libvips: those of HEIC, AVIF and JPEG XL.
#pragma once

#include "CVips.h"

// Loads the module with the decoder of `format` if there is one, and allows the decoder; any thread may call it, again
// and again. Call after libvips has started.
void cvips_load_module(cvips_format format);
