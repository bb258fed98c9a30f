#include "Orientation.h"

#include <string.h>

static uint32_t number(const uint8_t *at, int size, int big) {
    uint32_t value = 0;
    for (int i = 0; i < size; i++) value = value << 8 | at[big ? i : size - 1 - i];
    return value;
}

static int checked(uint32_t value) { return value >= 1 && value <= 8 ? (int)value : 0; }

// 12-byte entries of tag, type, count and value.
int cvips_exif_orientation(const uint8_t *exif, size_t length) {
    if (length >= 6 && memcmp(exif, "Exif\0\0", 6) == 0) {
        exif += 6;
        length -= 6;
    }
    if (length < 8 || (memcmp(exif, "II*\0", 4) != 0 && memcmp(exif, "MM\0*", 4) != 0)) return 0;
    int big = exif[0] == 'M';
    size_t at = number(exif + 4, 4, big);
    if (at > length - 2) return 0;
    size_t entries = number(exif + at, 2, big);
    at += 2;
    for (size_t i = 0; i < entries && length - at >= 12; i++, at += 12) {
        if (number(exif + at, 2, big) != 0x0112) continue;
        // A short by the standard; some programs write a byte or a long.
        uint32_t type = number(exif + at + 2, 2, big);
        int size = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0;
        return size == 0 ? 0 : checked(number(exif + at + 8, size, big));
    }
    return 0;
}

static const uint8_t *find(const uint8_t *from, const uint8_t *end, const char *text) {
    size_t size = strlen(text);
    while ((size_t)(end - from) >= size) {
        const uint8_t *at = memchr(from, text[0], (size_t)(end - from) - size + 1);
        if (at == NULL) return NULL;
        if (memcmp(at, text, size) == 0) return at;
        from = at + 1;
    }
    return NULL;
}

// The property stands as an attribute, tiff:Orientation="6", or as an element of its own.
int cvips_xmp_orientation(const uint8_t *xmp, size_t length) {
    const char *name = "tiff:Orientation";
    const uint8_t *end = xmp + length, *at = xmp;
    while ((at = find(at, end, name)) != NULL) {
        at += strlen(name);
        const uint8_t *value = at;
        while (value < end && (*value == ' ' || *value == '\t' || *value == '\n' || *value == '\r' || *value == '=' ||
                               *value == '"' || *value == '\'' || *value == '>'))
            value++;
        if (value > at && value < end && checked((uint32_t)*value - '0') &&
            (value + 1 == end || value[1] < '0' || value[1] > '9'))
            return *value - '0';
    }
    return 0;
}
