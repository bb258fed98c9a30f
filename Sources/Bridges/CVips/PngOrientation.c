#include "PngOrientation.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "Orientation.h"

// Profiles of cameras have some ten thousand bytes; the hexadecimal text of one has twice as many.
enum { MOST_TEXT = 1 << 20 };

// Where orientations were found, by the place that wrote them.
typedef struct {
    int exif, text_exif, xmp;
} found;

static uint32_t big(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// Takes what APP1 of a JPEG would hold: EXIF, or XMP behind the name of its name space.
static void take_app1(const uint8_t *bytes, size_t length, found *found) {
    static const char space[] = "http://ns.adobe.com/xap/1.0/";
    if (length > sizeof space && memcmp(bytes, space, sizeof space) == 0) {
        if (!found->xmp) found->xmp = cvips_xmp_orientation(bytes + sizeof space, length - sizeof space);
    } else if (!found->text_exif) {
        found->text_exif = cvips_exif_orientation(bytes, length);
    }
}

static int digit(uint8_t c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// A profile as text: a line with its name, one with its length, then hexadecimal digits in lines. Replaced in place.
static size_t unpack_digits(uint8_t *text, size_t length) {
    size_t at = 0, count = 0;
    while (at < length && (text[at] == '\n' || text[at] == ' ')) at++;
    for (int lines = 0; at < length && lines < 2; at++)
        if (text[at] == '\n') lines++;
    int half = -1;
    for (; at < length; at++) {
        int value = digit(text[at]);
        if (value < 0) continue;
        if (half < 0) {
            half = value;
        } else {
            text[count++] = (uint8_t)(half << 4 | value);
            half = -1;
        }
    }
    return count;
}

static void take_text(const char *keyword, uint8_t *text, size_t length, found *found) {
    static const char raw[] = "Raw profile type ";
    if (strcmp(keyword, "XML:com.adobe.xmp") == 0) {
        if (!found->xmp) found->xmp = cvips_xmp_orientation(text, length);
    } else if (strncmp(keyword, raw, sizeof raw - 1) == 0) {
        const char *kind = keyword + sizeof raw - 1;
        size_t count = unpack_digits(text, length);
        if (strcmp(kind, "xmp") == 0 && !found->xmp) found->xmp = cvips_xmp_orientation(text, count);
        if (strcmp(kind, "exif") == 0 || strcmp(kind, "EXIF") == 0 || strcmp(kind, "APP1") == 0 ||
            strcmp(kind, "app1") == 0)
            take_app1(text, count, found);
    }
}

// Unpacks or copies a text of at most MOST_TEXT bytes, which the caller frees; NULL for a longer or damaged one.
static uint8_t *plain(const uint8_t *data, size_t size, int is_packed, size_t *length) {
    uint8_t *text = malloc(MOST_TEXT);
    if (text == NULL) return NULL;
    uLongf count = MOST_TEXT;
    if (is_packed) {
        if (uncompress(text, &count, data, size) != Z_OK) count = 0;
    } else {
        if (size > MOST_TEXT) size = 0;
        memcpy(text, data, size);
        count = size;
    }
    *length = count;
    return text;
}

// tEXt: keyword, 0, text. zTXt: keyword, 0, method, packed text. iTXt: keyword, 0, whether it is packed, method,
// language, 0, translated keyword, 0, text.
static void take_text_chunk(const uint8_t *type, const uint8_t *data, size_t size, found *found) {
    const uint8_t *end = data + size, *keyword_end = memchr(data, 0, size < 80 ? size : 80);
    if (keyword_end == NULL) return;
    const uint8_t *at = keyword_end + 1;
    int is_packed = type[0] == 'z';
    if (is_packed && at++ == end) return;
    if (type[0] == 'i') {
        if (end - at < 2) return;
        is_packed = at[0] != 0;
        at += 2;
        for (int skipped = 0; skipped < 2; skipped++) {
            at = memchr(at, 0, (size_t)(end - at));
            if (at == NULL) return;
            at++;
        }
    }
    const char *keyword = (const char *)data;
    if (strncmp(keyword, "Raw profile type ", 17) != 0 && strcmp(keyword, "XML:com.adobe.xmp") != 0) return;
    size_t length = 0;
    uint8_t *text = plain(at, (size_t)(end - at), is_packed, &length);
    if (text == NULL) return;
    take_text(keyword, text, length, found);
    free(text);
}

int cvips_png_orientation(const uint8_t *bytes, size_t length) {
    found found = {0, 0, 0};
    // After the signature: chunks of length, type, data and checksum.
    size_t at = 8;
    while (at <= length && length - at >= 12 && !found.exif) {
        const uint8_t *type = bytes + at + 4, *data = bytes + at + 8;
        size_t size = big(bytes + at);
        if (size > length - at - 12) break;
        if (memcmp(type, "eXIf", 4) == 0) found.exif = cvips_exif_orientation(data, size);
        if (memcmp(type, "tEXt", 4) == 0 || memcmp(type, "zTXt", 4) == 0 || memcmp(type, "iTXt", 4) == 0)
            take_text_chunk(type, data, size, &found);
        at += size + 12;
    }
    int orientation = found.exif ? found.exif : found.text_exif ? found.text_exif : found.xmp;
    return orientation ? orientation : 1;
}
