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
    // This machine has no decoder for the format.
    CVIPS_NOT_READABLE = 2,
    // The header or the pixels cannot be read.
    CVIPS_DAMAGED = 3,
    // The photo's processor time is used up.
    CVIPS_TOO_SLOW = 4,
    // `should_stop` said so.
    CVIPS_STOPPED = 5,
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

// Leaves it to the first photo of a format to load the module of libvips with its decoder. Otherwise libvips loads all
// modules as it starts, also those that the allow-list blocks, which takes longer than the decoding of a photo. Changes
// the environment: call it while the process has one thread.
void cvips_leave_out_modules(void);

// Whether this machine has a decoder for `format`. Starts libvips; 0 for every format where that fails.
int32_t cvips_can_read(cvips_format format);

// What ends the decoding of a photo before its end.
typedef struct cvips_bounds {
    // Processor time that the photo may take, from `cvips_open` on.
    int64_t nanoseconds;
    // Asked every hundredth of a second, from any thread: not 0 ends the work with CVIPS_STOPPED.
    int32_t (*_Nonnull should_stop)(const void *_Nullable context);
    const void *_Nullable context;
} cvips_bounds;

// What is known of a file that its decoder does not find out by itself.
typedef struct cvips_reading {
    // TIFF: which picture of the file is the photo, from 0.
    int32_t page;
    // TIFF: which of the pictures that belong to that one is the photo, from 0; -1 where it is the photo itself.
    int32_t sub_directory;
    // Not 0: the last channel is no transparency and is left out.
    int32_t drops_extra_channel;
    // Not 0: a JPEG whose end marker is missing. It is read as if it had one, and refused where more is missing.
    int32_t lacks_end;
} cvips_reading;

// A photo whose header has been read and whose pixels have not.
typedef struct cvips_photo cvips_photo;

// Reads the header of the `length` bytes at `bytes`, which must stay where they are until `cvips_close`, as must
// what `bounds` points to. `*out` is set only on CVIPS_OK, `*used` to the nanoseconds of processor time that a photo
// took that was too slow. `message` gets one line of at most `capacity - 1` bytes
// on CVIPS_UNAVAILABLE alone: libvips keeps one error log for all threads, so that its text on a photo may be that
// on another.
cvips_status cvips_open(cvips_format format, const uint8_t *_Nonnull bytes, size_t length, cvips_reading reading,
                        const cvips_bounds *_Nonnull bounds, cvips_photo *_Nullable *_Nonnull out,
                        int64_t *_Nonnull used, char *_Nonnull message, size_t capacity);

// Pixels across and down of the upright picture.
int32_t cvips_width(const cvips_photo *_Nonnull photo);
int32_t cvips_height(const cvips_photo *_Nonnull photo);

// Rows of the picture as it is stored, before it is put upright.
int32_t cvips_stored_height(const cvips_photo *_Nonnull photo);

// Bytes that a pixel takes as the decoder gives it, before it is converted to 8 bits a channel.
int32_t cvips_decoded_pixel_bytes(const cvips_photo *_Nonnull photo);

// Decodes into `rgb`: `count` bytes, which must be 3 * width * height, row-major. Call it once a photo.
// `*rows` becomes the number of stored rows that came before it ended; `used` as for `cvips_open`. CVIPS_OK,
// _DAMAGED, _TOO_SLOW or _STOPPED.
cvips_status cvips_decode(cvips_photo *_Nonnull photo, uint8_t *_Nonnull rgb, size_t count,
                          int32_t *_Nonnull rows, int64_t *_Nonnull used);

// Encodes `rgb`, which has 3 * width * height bytes, as a PNG. `*out` and its `*length` are set only on CVIPS_OK, and
// belong to the caller, who gives them to `cvips_free`. CVIPS_OK, _UNAVAILABLE or _DAMAGED (out of memory).
cvips_status cvips_encode_png(const uint8_t *_Nonnull rgb, int32_t width, int32_t height,
                              uint8_t *_Nullable *_Nonnull out, size_t *_Nonnull length);
// The same as a JPEG of `quality` 1...100 with all its colours (4:4:4).
cvips_status cvips_encode_jpeg(const uint8_t *_Nonnull rgb, int32_t width, int32_t height, int32_t quality,
                               uint8_t *_Nullable *_Nonnull out, size_t *_Nonnull length);
// Draws one line of text in bold letters, about `size` pixels high: `*out` gets `*width` * `*height` bytes, how much of
// each pixel is ink, row by row. `markup` is Pango's: & < > are written as entities. It belongs to the caller, who
// gives it to `cvips_free`. CVIPS_OK, _UNAVAILABLE or _DAMAGED (no markup, no font, no memory).
cvips_status cvips_draw_text(const char *_Nonnull markup, int32_t size, uint8_t *_Nullable *_Nonnull out,
                             int32_t *_Nonnull width, int32_t *_Nonnull height);
void cvips_free(uint8_t *_Nullable bytes);

// Frees everything of `photo`.
void cvips_close(cvips_photo *_Nonnull photo);

#ifdef __cplusplus
}
#endif
