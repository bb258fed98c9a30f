#include "Bitmap.h"

#include <string.h>

#include "Libvips.h"

int cvips_has_bitmap_loader(void) {
    GSList *formats = gdk_pixbuf_get_formats();
    int found = 0;
    for (GSList *item = formats; item != NULL && !found; item = item->next) {
        gchar *name = gdk_pixbuf_format_get_name(item->data);
        found = strcmp(name, "bmp") == 0;
        g_free(name);
    }
    g_slist_free(formats);
    return found;
}

static uint32_t number(const uint8_t *at, int size) {
    uint32_t value = 0;
    for (int i = size - 1; i >= 0; i--) value = value << 8 | at[i];
    return value;
}

int cvips_bitmap_size(const uint8_t *bytes, size_t length, int32_t *width, int32_t *height) {
    if (length < 26) return 0;
    int64_t across, down;
    if (number(bytes + 14, 4) == 12) {
        across = number(bytes + 18, 2);
        down = number(bytes + 20, 2);
    } else {
        across = (int32_t)number(bytes + 18, 4);
        // A negative height means that the top row comes first.
        down = (int32_t)number(bytes + 22, 4);
        if (down < 0) down = -down;
    }
    if (across < 1 || down < 1 || across > INT32_MAX || down > INT32_MAX) return 0;
    *width = (int32_t)across;
    *height = (int32_t)down;
    return 1;
}

static void copy(const GdkPixbuf *pixbuf, int32_t width, int32_t height, uint8_t *rgb) {
    const uint8_t *pixels = gdk_pixbuf_read_pixels(pixbuf);
    size_t stride = (size_t)gdk_pixbuf_get_rowstride(pixbuf);
    int channels = gdk_pixbuf_get_n_channels(pixbuf);
    for (int32_t y = 0; y < height; y++) {
        const uint8_t *from = pixels + y * stride;
        if (channels == 3) {
            memcpy(rgb, from, 3 * (size_t)width);
            rgb += 3 * (size_t)width;
            continue;
        }
        // Transparent pixels lie on white, as in every other format.
        for (int32_t x = 0; x < width; x++, from += 4)
            for (int c = 0; c < 3; c++) *rgb++ = (uint8_t)((from[c] * from[3] + 255 * (255 - from[3]) + 127) / 255);
    }
}

int cvips_bitmap_decode(const uint8_t *bytes, size_t length, int32_t width, int32_t height, uint8_t *rgb,
                        cvips_watch *watch) {
    GdkPixbufLoader *loader = gdk_pixbuf_loader_new_with_type("bmp", NULL);
    if (loader == NULL) return -1;
    const size_t piece = 1 << 16;
    int failed = 0;
    for (size_t at = 0; at < length && !failed; at += piece) {
        size_t count = length - at < piece ? length - at : piece;
        failed = cvips_watch_is_over(watch) || !gdk_pixbuf_loader_write(loader, bytes + at, count, NULL);
    }
    // Must be called in any case; false where pixels are missing.
    if (!gdk_pixbuf_loader_close(loader, NULL)) failed = 1;
    GdkPixbuf *pixbuf = failed ? NULL : gdk_pixbuf_loader_get_pixbuf(loader);
    int channels = pixbuf == NULL ? 0 : gdk_pixbuf_get_n_channels(pixbuf);
    if (pixbuf == NULL || gdk_pixbuf_get_width(pixbuf) != width || gdk_pixbuf_get_height(pixbuf) != height ||
        (channels != 3 && channels != 4))
        failed = 1;
    if (!failed) copy(pixbuf, width, height, rgb);
    g_object_unref(loader);
    return failed ? -1 : 0;
}
