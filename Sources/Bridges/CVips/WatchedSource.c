#include "WatchedSource.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "Libvips.h"

typedef struct {
    VipsSource parent;
    const uint8_t *bytes;
    // Together with the end marker, where one is put behind the bytes.
    size_t length, position;
    // Of the file.
    size_t stored;
    size_t piece;
    int must_give;
    cvips_watch *watch;
} WatchedSource;

typedef VipsSourceClass WatchedSourceClass;

GType watched_source_get_type(void);
G_DEFINE_TYPE(WatchedSource, watched_source, VIPS_TYPE_SOURCE)

static gint64 give(VipsSource *source, void *to, size_t count) {
    WatchedSource *self = (WatchedSource *)source;
    int is_over = cvips_watch_is_over(self->watch);
    if (is_over && !self->must_give) {
        errno = ECANCELED;
        return -1;
    }
    size_t left = self->length - self->position;
    if (count > left) count = left;
    if (count > self->piece) count = self->piece;
    static const uint8_t end[2] = {0xff, 0xd9};
    if (is_over) {
        // The length of a box or of a unit of HEVC that is too large for any file; and for AV1 the head of a unit that is
        // padding up to the end.
        memset(to, 0x78, count);
    } else if (self->position >= self->stored) {
        memcpy(to, end + (self->position - self->stored), count);
    } else {
        if (count > self->stored - self->position) count = self->stored - self->position;
        memcpy(to, self->bytes + self->position, count);
    }
    self->position += count;
    return (gint64)count;
}

static gint64 seek(VipsSource *source, gint64 offset, int whence) {
    WatchedSource *self = (WatchedSource *)source;
    gint64 length = (gint64)self->length;
    gint64 from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (gint64)self->position : length;
    // Compared without a sum, which a file's own numbers could carry over the end of the type.
    if (offset < -from || offset > length - from) {
        errno = EINVAL;
        return -1;
    }
    self->position = (size_t)(from + offset);
    return from + offset;
}

static void watched_source_class_init(WatchedSourceClass *class) {
    class->read = give;
    class->seek = seek;
}

static void watched_source_init(WatchedSource *self) { (void)self; }

VipsSource *cvips_watched_source(const uint8_t *bytes, size_t length, size_t piece, int lacks_end, int must_give,
                                 cvips_watch *watch) {
    WatchedSource *self = g_object_new(watched_source_get_type(), NULL);
    self->bytes = bytes;
    self->stored = length;
    self->length = lacks_end ? length + 2 : length;
    self->watch = watch;
    self->piece = piece;
    self->must_give = must_give;
    if (vips_object_build(VIPS_OBJECT(self)) != 0) {
        g_object_unref(self);
        return NULL;
    }
    return &self->parent;
}
