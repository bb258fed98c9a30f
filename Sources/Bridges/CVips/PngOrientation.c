#include "PngOrientation.h"

#include <string.h>

static uint32_t number(const uint8_t *at, int size, int big) {
    uint32_t value = 0;
    for (int i = 0; i < size; i++) value = value << 8 | at[big ? i : size - 1 - i];
    return value;
}

// `exif` is a TIFF header and its first directory: 12-byte entries of tag, type, count and value.
static int exif_orientation(const uint8_t *exif, size_t length) {
    if (length < 8 || (memcmp(exif, "II*\0", 4) != 0 && memcmp(exif, "MM\0*", 4) != 0)) return 1;
    int big = exif[0] == 'M';
    size_t at = number(exif + 4, 4, big);
    if (at > length - 2) return 1;
    size_t entries = number(exif + at, 2, big);
    at += 2;
    for (size_t i = 0; i < entries && length - at >= 12; i++, at += 12) {
        if (number(exif + at, 2, big) != 0x0112) continue;
        uint32_t type = number(exif + at + 2, 2, big), value = number(exif + at + 8, 2, big);
        return type == 3 && value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

int cvips_png_orientation(const uint8_t *bytes, size_t length) {
    // After the signature: chunks of length, type, data and checksum.
    size_t at = 8;
    while (at <= length && length - at >= 12) {
        size_t size = number(bytes + at, 4, 1);
        if (size > length - at - 12) return 1;
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0) return exif_orientation(bytes + at + 8, size);
        at += size + 12;
    }
    return 1;
}
