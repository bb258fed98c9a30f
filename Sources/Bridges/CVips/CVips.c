// For the kind of lock below.
#define _GNU_SOURCE

#include "CVips.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "Bitmap.h"
#include "Formats.h"
#include "Libvips.h"
#include "Watch.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started = 0;
// Why it did not start.
static char obstacle[512];

struct cvips_photo {
    cvips_format format;
    const uint8_t *bytes;
    size_t length;
    // Of the picture as it is stored, before it is put upright.
    int32_t width, height;
    int32_t decoded_pixel_bytes;
    int orientation;   // EXIF, 1...8
    VipsImage *image;  // 1 or 3 bands of 8 bits; NULL for a BMP
    cvips_watch watch;
};

// GLib and libvips print warnings about photos on stderr; what matters of them is in the status.
static void drop_log(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data) {
    (void)domain, (void)level, (void)text, (void)data;
}

static void start(void) {
    g_log_set_default_handler(drop_log, NULL);
    if (!cvips_load_library(obstacle, sizeof obstacle)) return;
    if (VIPS_INIT("facegallery") != 0) {
        char *log = vips_error_buffer_copy();
        snprintf(obstacle, sizeof obstacle, "%s", *log != 0 ? log : "libvips gave no reason");
        g_free(log);
        return;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    cvips_allow_formats();
    started = 1;
}

static int can_read(cvips_format format) {
    return format == CVIPS_FORMAT_BMP ? cvips_has_bitmap_loader() : cvips_has_loader(format);
}

int32_t cvips_can_read(cvips_format format) {
    pthread_once(&once, start);
    return started && can_read(format);
}

static void explain_start(char *message, size_t capacity) {
    snprintf(message, capacity, "%s", obstacle);
    for (char *c = message; *c != 0; c++)
        if ((unsigned char)*c < 32) *c = ' ';
}

static int read_header(cvips_photo *photo, cvips_reading reading) {
    if (photo->format == CVIPS_FORMAT_BMP) {
        photo->decoded_pixel_bytes = 4;
        return cvips_bitmap_size(photo->bytes, photo->length, &photo->width, &photo->height);
    }
    photo->image = cvips_load(photo->format, photo->bytes, photo->length, reading, &photo->orientation,
                              &photo->decoded_pixel_bytes, &photo->watch);
    if (photo->image == NULL) return 0;
    photo->width = photo->image->Xsize;
    photo->height = photo->image->Ysize;
    return 1;
}

// libheif, libjxl, OpenJPEG and libwebp work on threads of their own.
static int has_helpers(cvips_format format) {
    return format == CVIPS_FORMAT_HEIF || format == CVIPS_FORMAT_JPEGXL || format == CVIPS_FORMAT_JPEG2000 ||
           format == CVIPS_FORMAT_WEBP;
}

cvips_status cvips_open(cvips_format format, const uint8_t *bytes, size_t length, cvips_reading reading,
                        const cvips_bounds *bounds, cvips_photo **out, int64_t *used, char *message,
                        size_t capacity) {
    pthread_once(&once, start);
    if (!started) {
        explain_start(message, capacity);
        return CVIPS_UNAVAILABLE;
    }
    if (!can_read(format)) return CVIPS_NOT_READABLE;
    cvips_photo *photo = g_new0(cvips_photo, 1);
    photo->format = format;
    photo->bytes = bytes;
    photo->length = length;
    photo->orientation = 1;
    cvips_watch_start(&photo->watch, bounds, has_helpers(format));
    if (!read_header(photo, reading) || photo->width < 1 || photo->height < 1) {
        cvips_status status = cvips_watch_verdict(&photo->watch, CVIPS_DAMAGED, used);
        cvips_close(photo);
        return status;
    }
    cvips_status verdict = cvips_watch_verdict(&photo->watch, CVIPS_OK, used);
    if (verdict != CVIPS_OK) {
        cvips_close(photo);
        return verdict;
    }
    *out = photo;
    return CVIPS_OK;
}

// EXIF orientations 5...8 lie on their side.
static int sideways(const cvips_photo *photo) { return photo->orientation >= 5; }

int32_t cvips_width(const cvips_photo *photo) { return sideways(photo) ? photo->height : photo->width; }

int32_t cvips_height(const cvips_photo *photo) { return sideways(photo) ? photo->width : photo->height; }

int32_t cvips_stored_height(const cvips_photo *photo) { return photo->height; }

int32_t cvips_decoded_pixel_bytes(const cvips_photo *photo) { return photo->decoded_pixel_bytes; }

// Where stored pixel (x, y) belongs in the upright picture: origin + x * right + y * down, in pixels.
typedef struct {
    ptrdiff_t origin, right, down;
} placement;

static placement place(const cvips_photo *photo) {
    ptrdiff_t w = photo->width, h = photo->height;
    switch (photo->orientation) {
    case 2: return (placement){w - 1, -1, w};
    case 3: return (placement){w * h - 1, -1, -w};
    case 4: return (placement){w * (h - 1), 1, -w};
    case 5: return (placement){0, h, 1};
    case 6: return (placement){h - 1, h, -1};
    case 7: return (placement){w * h - 1, -h, -1};
    case 8: return (placement){h * (w - 1), -h, 1};
    default: return (placement){0, 1, w};
    }
}

static void put(VipsRegion *region, int top, int rows, const placement *at, uint8_t *rgb) {
    int width = region->im->Xsize, bands = region->im->Bands;
    if (bands == 3 && at->right == 1) {
        for (int y = top; y < top + rows; y++)
            memcpy(rgb + 3 * (at->origin + y * at->down), VIPS_REGION_ADDR(region, 0, y), 3 * (size_t)width);
        return;
    }
    // Columns outside: the picture turned on its side is written in runs as long as the strip is high.
    size_t skip = VIPS_REGION_LSKIP(region);
    int green = bands == 3 ? 1 : 0, blue = bands == 3 ? 2 : 0;
    for (int x = 0; x < width; x++) {
        const uint8_t *from = VIPS_REGION_ADDR(region, x, top);
        uint8_t *to = rgb + 3 * (at->origin + x * at->right + top * at->down);
        for (int y = 0; y < rows; y++, from += skip, to += 3 * at->down) {
            to[0] = from[0];
            to[1] = from[green];
            to[2] = from[blue];
        }
    }
}

// A strip at a time, in a region of its own on the calling thread: no worker threads, and no second copy of the
// picture.
static int decode_strips(cvips_photo *photo, uint8_t *rgb, int32_t *rows) {
    VipsRegion *region = vips_region_new(photo->image);
    if (region == NULL) return -1;
    placement at = place(photo);
    const int strip = 64;
    int failed = 0;
    for (int top = 0; top < photo->height && !failed; top += strip) {
        VipsRect rect = {0, top, photo->width, VIPS_MIN(strip, photo->height - top)};
        failed = cvips_watch_is_over(&photo->watch) || vips_region_prepare(region, &rect) != 0;
        if (failed) break;
        put(region, top, rect.height, &at, rgb);
        *rows = top + rect.height;
    }
    g_object_unref(region);
    return failed ? -1 : 0;
}

cvips_status cvips_decode(cvips_photo *photo, uint8_t *rgb, size_t count, int32_t *rows, int64_t *used) {
    *rows = 0;
    // Up to 2^31 - 1 each, so that the product of both fits 64 bits and 3 times it may not.
    size_t pixels = (size_t)photo->width * (size_t)photo->height;
    if (pixels > SIZE_MAX / 3 || count != 3 * pixels) return CVIPS_DAMAGED;
    int failed = photo->image == NULL
                     ? cvips_bitmap_decode(photo->bytes, photo->length, photo->width, photo->height, rgb,
                                           &photo->watch)
                     : decode_strips(photo, rgb, rows);
    // A decoder may have made a picture of what it was given in place of the rest.
    return cvips_watch_verdict(&photo->watch, failed ? CVIPS_DAMAGED : CVIPS_OK, used);
}

void cvips_close(cvips_photo *photo) {
    if (photo->image != NULL) g_object_unref(photo->image);
    g_free(photo);
    vips_thread_shutdown();
}

// Encodes as a JPEG of `quality`, or as a PNG where that is 0.
static cvips_status encode(const uint8_t *rgb, int32_t width, int32_t height, int32_t quality, uint8_t **out,
                           size_t *length) {
    pthread_once(&once, start);
    if (!started || width < 1 || height < 1) return CVIPS_UNAVAILABLE;
    VipsImage *image = vips_image_new_from_memory(rgb, 3 * (size_t)width * (size_t)height, width, height, 3,
                                                  VIPS_FORMAT_UCHAR);
    if (image == NULL) return CVIPS_DAMAGED;
    image->Type = VIPS_INTERPRETATION_sRGB;
    void *bytes = NULL;
    size_t size = 0;
    int status = quality == 0 ? vips_pngsave_buffer(image, &bytes, &size, NULL)
                              : vips_jpegsave_buffer(image, &bytes, &size, "Q", quality, "subsample_mode",
                                                     VIPS_FOREIGN_SUBSAMPLE_OFF, "optimize_coding", TRUE, "strip",
                                                     TRUE, NULL);
    g_object_unref(image);
    if (status != 0 || bytes == NULL) return CVIPS_DAMAGED;
    *out = bytes;
    *length = size;
    return CVIPS_OK;
}

cvips_status cvips_encode_png(const uint8_t *rgb, int32_t width, int32_t height, uint8_t **out, size_t *length) {
    return encode(rgb, width, height, 0, out, length);
}

cvips_status cvips_encode_jpeg(const uint8_t *rgb, int32_t width, int32_t height, int32_t quality, uint8_t **out,
                               size_t *length) {
    return quality < 1 || quality > 100 ? CVIPS_DAMAGED : encode(rgb, width, height, quality, out, length);
}

cvips_status cvips_draw_text(const char *markup, int32_t size, uint8_t **out, int32_t *width, int32_t *height) {
    pthread_once(&once, start);
    if (!started || size < 1 || size > 1000) return CVIPS_UNAVAILABLE;
    char font[32];
    snprintf(font, sizeof font, "sans bold %d", size);
    VipsImage *image = NULL;
    // At 72 dots an inch a point is a pixel.
    if (vips_text(&image, markup, "font", font, "dpi", 72, NULL) != 0 || image == NULL) return CVIPS_DAMAGED;
    size_t count = 0;
    *width = image->Xsize;
    *height = image->Ysize;
    void *bytes = image->Bands == 1 && image->BandFmt == VIPS_FORMAT_UCHAR ? vips_image_write_to_memory(image, &count)
                                                                           : NULL;
    g_object_unref(image);
    if (bytes == NULL) return CVIPS_DAMAGED;
    if (count != (size_t)*width * (size_t)*height) {
        g_free(bytes);
        return CVIPS_DAMAGED;
    }
    *out = bytes;
    return CVIPS_OK;
}

void cvips_free(uint8_t *bytes) { g_free(bytes); }
