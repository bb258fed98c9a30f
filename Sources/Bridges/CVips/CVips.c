// For the kind of lock below.
#define _GNU_SOURCE

#include "CVips.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <vips/vips.h>

#include "Formats.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
// Who waits to decode alone goes before new readers: in a bulk job there is always a next one.
static pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static int started = 0;

struct cvips_photo {
    VipsImage *image;  // upright but for `orientation`; 1 or 3 bands of 8 bits
    int orientation;   // EXIF, 1...8
};

// GLib and libvips print warnings about photos on stderr; what matters of them is in the status.
static void drop_log(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data) {
    (void)domain, (void)level, (void)text, (void)data;
}

static void start(void) {
    g_log_set_default_handler(drop_log, NULL);
    if (VIPS_INIT("facegallery") != 0) return;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    cvips_allow_formats();
    started = 1;
}

int32_t cvips_can_read(cvips_format format) {
    pthread_once(&once, start);
    return started && cvips_has_loader(format);
}

// The last line of libvips's log is the outermost loader's; the first names the cause. One line of both.
static void take_message(char *message, size_t capacity, const char *otherwise) {
    char *log = vips_error_buffer_copy();
    size_t used = 0;
    for (const char *from = log; *from != 0 && used + 1 < capacity; from++) {
        char c = *from;
        if (c == '\n') {
            if (from[1] == 0) break;
            c = ';';
        }
        message[used++] = (unsigned char)c < 32 ? ' ' : c;
        if (c == ';' && used + 1 < capacity) message[used++] = ' ';
    }
    message[used] = 0;
    if (used == 0) snprintf(message, capacity, "%s", otherwise);
    g_free(log);
}

static cvips_status fail(cvips_status status, char *message, size_t capacity, const char *text) {
    snprintf(message, capacity, "%s", text);
    return status;
}

cvips_status cvips_open(const uint8_t *bytes, size_t length, cvips_photo **out, char *message,
                        size_t capacity) {
    pthread_once(&once, start);
    if (!started) {
        take_message(message, capacity, "libvips did not start");
        return CVIPS_UNAVAILABLE;
    }
    cvips_format format = cvips_format_of(bytes, length);
    if (!cvips_has_loader(format))
        return fail(CVIPS_NOT_A_PHOTO, message, capacity, "no format of the list begins like this");
    int orientation = 1;
    VipsImage *image = cvips_load(format, bytes, length, &orientation);
    if (image == NULL) {
        take_message(message, capacity, "its header cannot be read");
        return CVIPS_DAMAGED;
    }
    cvips_photo *photo = g_new0(cvips_photo, 1);
    photo->image = image;
    photo->orientation = orientation;
    *out = photo;
    return CVIPS_OK;
}

// EXIF orientations 5...8 lie on their side.
static int sideways(const cvips_photo *photo) { return photo->orientation >= 5; }

int32_t cvips_width(const cvips_photo *photo) {
    return sideways(photo) ? photo->image->Ysize : photo->image->Xsize;
}

int32_t cvips_height(const cvips_photo *photo) {
    return sideways(photo) ? photo->image->Xsize : photo->image->Ysize;
}

// Where stored pixel (x, y) belongs in the upright picture: origin + x * right + y * down, in pixels.
typedef struct {
    ptrdiff_t origin, right, down;
} placement;

static placement place(const cvips_photo *photo) {
    ptrdiff_t w = photo->image->Xsize, h = photo->image->Ysize;
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

cvips_status cvips_decode(cvips_photo *photo, uint8_t *rgb, size_t count, char *message, size_t capacity) {
    VipsImage *image = photo->image;
    if (count != 3 * (size_t)image->Xsize * (size_t)image->Ysize)
        return fail(CVIPS_DAMAGED, message, capacity, "the buffer is not of the picture's size");
    // A region of its own on the calling thread: no worker threads, and no second copy of the picture.
    VipsRegion *region = vips_region_new(image);
    placement at = place(photo);
    const int strip = 64;
    int failed = region == NULL;
    for (int top = 0; top < image->Ysize && !failed; top += strip) {
        VipsRect rect = {0, top, image->Xsize, VIPS_MIN(strip, image->Ysize - top)};
        failed = vips_region_prepare(region, &rect) != 0;
        if (!failed) put(region, top, rect.height, &at, rgb);
    }
    if (region != NULL) g_object_unref(region);
    if (failed) {
        take_message(message, capacity, "its pixels cannot be read");
        return CVIPS_DAMAGED;
    }
    return CVIPS_OK;
}

void cvips_close(cvips_photo *photo) {
    g_object_unref(photo->image);
    g_free(photo);
    vips_thread_shutdown();
}

void cvips_begin_shared(void) { pthread_rwlock_rdlock(&lock); }

void cvips_begin_alone(void) {
    pthread_rwlock_wrlock(&lock);
    if (started) vips_error_clear();
}

void cvips_end(void) { pthread_rwlock_unlock(&lock); }
