#include "CTestPhotos.h"

#include <stdio.h>
#include <string.h>
#include <vips/vips.h>

static VipsInterpretation meaning(const test_picture *picture) {
    if (picture->ink) return VIPS_INTERPRETATION_CMYK;
    if (picture->bits == 16) return picture->bands < 3 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
    return picture->bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
}

uint8_t *test_encode(test_picture picture, const char *suffix, size_t *count, char *message,
                     size_t capacity) {
    size_t size = (size_t)picture.width * picture.height * picture.bands * (picture.bits / 8);
    VipsBandFormat format = picture.bits == 16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
    VipsImage *raw = vips_image_new_from_memory_copy(picture.samples, size, picture.width, picture.height,
                                                     picture.bands, format);
    VipsImage *image = NULL;
    void *bytes = NULL;
    if (raw != NULL && vips_copy(raw, &image, "interpretation", meaning(&picture), NULL) == 0) {
        if (picture.orientation > 0)
            vips_image_set_int(image, VIPS_META_ORIENTATION, picture.orientation);
        if (vips_image_write_to_buffer(image, suffix, &bytes, count, NULL) != 0) bytes = NULL;
    }
    if (bytes == NULL) {
        snprintf(message, capacity, "%s", vips_error_buffer());
        vips_error_clear();
    }
    if (image != NULL) g_object_unref(image);
    if (raw != NULL) g_object_unref(raw);
    vips_thread_shutdown();
    return bytes;
}

void test_free(uint8_t *bytes) { g_free(bytes); }

int32_t test_build_is_slow(void) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || !defined(__OPTIMIZE__)
    return 1;
#else
    return 0;
#endif
}

// The HEVC encoder, which these tests alone use, never frees two of its tables.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:x265_malloc\n"; }
