// Photos in memory -> upright 8-bit RGB, through libvips: an allow-list of formats, told apart by their
// first bytes and never by a name. Every function may be called from any thread; one `cvips_photo` belongs
// to one thread at a time.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cvips_status : int32_t {
    CVIPS_OK = 0,
    // libvips did not start: an installation at fault, never a photo.
    CVIPS_UNAVAILABLE = 1,
    // The first bytes are of none of the formats on the list.
    CVIPS_NOT_A_PHOTO = 2,
    // A format of the list, but its header or its pixels cannot be read.
    CVIPS_DAMAGED = 3,
} cvips_status;

// The formats that are told apart, whether or not this machine can decode them.
typedef enum cvips_format : int32_t {
    CVIPS_FORMAT_NONE = 0,
    CVIPS_FORMAT_JPEG = 1,
    CVIPS_FORMAT_PNG = 2,
    CVIPS_FORMAT_WEBP = 3,
    CVIPS_FORMAT_TIFF = 4,
    CVIPS_FORMAT_HEIF = 5,
    CVIPS_FORMAT_GIF = 6,
    CVIPS_FORMAT_PNM = 7,
    CVIPS_FORMAT_JPEG2000 = 8,
    CVIPS_FORMAT_JPEGXL = 9,
    CVIPS_FORMAT_BMP = 10,
} cvips_format;

// First bytes that are enough to tell every format.
enum { CVIPS_HEAD_LENGTH = 64 };

// The format that a file with these first bytes is of. Looks at no more than CVIPS_HEAD_LENGTH bytes, decodes
// nothing and does not start libvips.
cvips_format cvips_format_of(const uint8_t *_Nonnull bytes, size_t length);

// Whether this machine has a decoder for `format`. Starts libvips; 0 for every format where that fails.
int32_t cvips_can_read(cvips_format format);

// A photo whose header has been read and whose pixels have not.
typedef struct cvips_photo cvips_photo;

// Reads the header of the `length` bytes at `bytes`, which must stay where they are until `cvips_close`.
// `*out` is set only on CVIPS_OK. On failure one line of at most `capacity - 1` bytes is put in `message`.
cvips_status cvips_open(const uint8_t *_Nonnull bytes, size_t length, cvips_photo *_Nullable *_Nonnull out,
                        char *_Nonnull message, size_t capacity);

// Pixels across and down of the upright picture.
int32_t cvips_width(const cvips_photo *_Nonnull photo);
int32_t cvips_height(const cvips_photo *_Nonnull photo);

// Decodes into `rgb`: `count` bytes, which must be 3 * width * height, row-major. Call it once a photo.
cvips_status cvips_decode(cvips_photo *_Nonnull photo, uint8_t *_Nonnull rgb, size_t count,
                          char *_Nonnull message, size_t capacity);

// Frees everything of `photo`.
void cvips_close(cvips_photo *_Nonnull photo);

// libvips keeps one error log for all threads. These two make a failure's text the failure's own: decode
// between `begin_shared` and `end`, and when that failed, once more between `begin_alone` and `end`.
void cvips_begin_shared(void);
void cvips_begin_alone(void);
void cvips_end(void);

#ifdef __cplusplus
}
#endif
