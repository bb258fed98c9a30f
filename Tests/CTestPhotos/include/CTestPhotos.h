// Encodes test pictures with libvips, so that no test image has to be kept. Tests only.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct test_picture {
    // `width * height * bands` samples, row by row; 8-bit ones as bytes, 16-bit ones in the machine's order.
    const void *_Nonnull samples;
    int32_t width, height;
    // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; with `ink`, 4 is CMYK.
    int32_t bands;
    // 8 or 16.
    int32_t bits;
    int32_t ink;
    // EXIF 1...8, or 0 for none.
    int32_t orientation;
} test_picture;

// `suffix` is libvips's, with options: ".jpg[Q=95]". NULL on failure; `message` then has the reason.
// libvips must have been started: decode any photo first.
uint8_t *_Nullable test_encode(test_picture picture, const char *_Nonnull suffix, size_t *_Nonnull count,
                               char *_Nonnull message, size_t capacity);
void test_free(uint8_t *_Nonnull bytes);

// Whether a sanitizer watches or the optimiser was off, which makes everything several times slower.
int32_t test_build_is_slow(void);
