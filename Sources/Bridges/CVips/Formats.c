#include "Formats.h"

#include <string.h>

#include "PngOrientation.h"

void cvips_allow_formats(void) {
    vips_operation_block_set("VipsForeignLoad", TRUE);
    static const char *const allowed[] = {
        "VipsForeignLoadJpeg", "VipsForeignLoadPng",   "VipsForeignLoadWebp", "VipsForeignLoadTiff",
        "VipsForeignLoadHeif", "VipsForeignLoadNsgif", "VipsForeignLoadPpm",
    };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) vips_operation_block_set(allowed[i], FALSE);
}

static int begins(const uint8_t *bytes, size_t length, size_t at, const char *with, size_t count) {
    return length >= at + count && memcmp(bytes + at, with, count) == 0;
}

static int is_heif(const uint8_t *bytes, size_t length) {
    static const char brands[][5] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif"};
    if (!begins(bytes, length, 4, "ftyp", 4)) return 0;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (begins(bytes, length, 8, brands[i], 4)) return 1;
    return 0;
}

cvips_format cvips_format_of(const uint8_t *bytes, size_t length) {
    if (begins(bytes, length, 0, "\xff\xd8\xff", 3)) return CVIPS_FORMAT_JPEG;
    if (begins(bytes, length, 0, "\x89PNG\r\n\x1a\n", 8)) return CVIPS_FORMAT_PNG;
    if (begins(bytes, length, 0, "RIFF", 4) && begins(bytes, length, 8, "WEBP", 4)) return CVIPS_FORMAT_WEBP;
    if (begins(bytes, length, 0, "II*\0", 4) || begins(bytes, length, 0, "MM\0*", 4) ||
        begins(bytes, length, 0, "II+\0", 4) || begins(bytes, length, 0, "MM\0+", 4))
        return CVIPS_FORMAT_TIFF;
    if (begins(bytes, length, 0, "GIF87a", 6) || begins(bytes, length, 0, "GIF89a", 6)) return CVIPS_FORMAT_GIF;
    if (is_heif(bytes, length)) return CVIPS_FORMAT_HEIF;
    // P1...P6: bitmaps, grey and colour, as text and as bytes. A blank must follow: "P5" alone is a text.
    if (length >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
        (bytes[2] == ' ' || bytes[2] == '\t' || bytes[2] == '\n' || bytes[2] == '\r'))
        return CVIPS_FORMAT_PNM;
    return CVIPS_FORMAT_NONE;
}

static VipsImage *open_source(cvips_format format, VipsSource *source) {
    typedef int (*loader)(VipsSource *, VipsImage **, ...);
    static const loader loaders[] = {
        [CVIPS_FORMAT_JPEG] = vips_jpegload_source, [CVIPS_FORMAT_PNG] = vips_pngload_source,
        [CVIPS_FORMAT_WEBP] = vips_webpload_source, [CVIPS_FORMAT_TIFF] = vips_tiffload_source,
        [CVIPS_FORMAT_HEIF] = vips_heifload_source, [CVIPS_FORMAT_GIF] = vips_gifload_source,
        [CVIPS_FORMAT_PNM] = vips_ppmload_source,
    };
    VipsImage *image = NULL;
    // A picture cut short must fail and not turn grey at the bottom. Broken bits inside are tolerated, as
    // viewers do: many cameras write them.
    int failed = loaders[format](source, &image, "fail_on", VIPS_FAIL_ON_TRUNCATED, "access",
                                 VIPS_ACCESS_SEQUENTIAL, NULL);
    return failed ? NULL : image;
}

// Replaces `*image` by `next`, which has a reference of its own to what it reads.
static int step(VipsImage **image, int failed, VipsImage *next) {
    if (failed) return -1;
    g_object_unref(*image);
    *image = next;
    return 0;
}

// The value of the brightest sample that a PNM header declares, or 0 where it declares none.
static int pnm_maximum(const uint8_t *bytes, size_t length) {
    if (bytes[1] == '1' || bytes[1] == '4') return 0;
    size_t at = 2;
    int number = 0;
    for (int field = 0; field < 3; field++) {
        while (at < length && (bytes[at] <= ' ' || bytes[at] == '#'))
            if (bytes[at++] == '#')
                while (at < length && bytes[at] != '\n') at++;
        number = 0;
        while (at < length && bytes[at] >= '0' && bytes[at] <= '9' && number < 100000)
            number = number * 10 + (bytes[at++] - '0');
    }
    return number;
}

// libvips reads PNM samples as they are: 10-bit ones would come out nearly black.
static int scale_pnm(VipsImage **image, const uint8_t *bytes, size_t length) {
    int maximum = pnm_maximum(bytes, length);
    int full = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
    if (maximum <= 0 || maximum == full) return 0;
    VipsImage *next = NULL;
    VipsInterpretation kind = (*image)->Type;
    if (step(image, vips_linear1(*image, &next, (double)full / maximum, 0.5, NULL), next)) return -1;
    int failed = full == 255 ? vips_cast_uchar(*image, &next, NULL) : vips_cast_ushort(*image, &next, NULL);
    if (step(image, failed, next)) return -1;
    return step(image, vips_copy(*image, &next, "interpretation", kind, NULL), next);
}

static int flatten(VipsImage **image) {
    if (!vips_image_hasalpha(*image)) return 0;
    double white = (*image)->Type == VIPS_INTERPRETATION_RGB16 || (*image)->Type == VIPS_INTERPRETATION_GREY16
                       ? 65535
                       : 255;
    VipsArrayDouble *background = vips_array_double_new(&white, 1);
    VipsImage *next = NULL;
    int failed = vips_flatten(*image, &next, "background", background, NULL);
    vips_area_unref(VIPS_AREA(background));
    return step(image, failed, next);
}

static int print_to_screen(VipsImage **image) {
    VipsImage *next = NULL;
    // By the photo's own ink profile; one that is missing or broken gives way to a common press's.
    if (vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, "input_profile", "cmyk", NULL) == 0)
        return step(image, 0, next);
    vips_error_clear();
    return step(image, vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL), next);
}

static int convert(VipsImage **image) {
    VipsImage *next = NULL;
    if ((*image)->Type == VIPS_INTERPRETATION_CMYK && print_to_screen(image)) return -1;
    if (flatten(image)) return -1;
    VipsInterpretation kind = (*image)->Type;
    int plain = (*image)->BandFmt == VIPS_FORMAT_UCHAR &&
                (kind == VIPS_INTERPRETATION_sRGB || kind == VIPS_INTERPRETATION_B_W);
    if (!plain &&
        step(image, vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL), next))
        return -1;
    if ((*image)->BandFmt != VIPS_FORMAT_UCHAR && step(image, vips_cast_uchar(*image, &next, NULL), next))
        return -1;
    if ((*image)->Bands != 1 && (*image)->Bands != 3) {
        vips_error("photo", "%d channels cannot be shown as colours", (*image)->Bands);
        return -1;
    }
    return 0;
}

VipsImage *cvips_load(cvips_format format, const uint8_t *bytes, size_t length, int *orientation) {
    VipsSource *source = vips_source_new_from_memory(bytes, length);
    if (source == NULL) return NULL;
    VipsImage *image = open_source(format, source);
    g_object_unref(source);  // the picture keeps its own reference
    if (image == NULL) return NULL;
    *orientation = format == CVIPS_FORMAT_PNG ? cvips_png_orientation(bytes, length)
                                              : vips_image_get_orientation(image);
    int failed = format == CVIPS_FORMAT_PNM && scale_pnm(&image, bytes, length);
    if (failed || convert(&image)) {
        g_object_unref(image);
        return NULL;
    }
    return image;
}
