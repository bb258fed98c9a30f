#include "Formats.h"

#include <string.h>

#include "Libvips.h"
#include "Modules.h"
#include "PngOrientation.h"
#include "WatchedSource.h"

typedef int (*loader)(VipsSource *, VipsImage **, ...);

typedef struct {
    // Of libvips's class: what the block list knows it by.
    const char *base;
    // Of the operation that reads a source.
    const char *nickname;
    // Where the function stands once libvips is loaded.
    loader *load;
} entry;

static const entry entries[] = {
    [CVIPS_FORMAT_JPEG] = {"VipsForeignLoadJpeg", "jpegload_source", &vips_jpegload_source},
    [CVIPS_FORMAT_PNG] = {"VipsForeignLoadPng", "pngload_source", &vips_pngload_source},
    [CVIPS_FORMAT_WEBP] = {"VipsForeignLoadWebp", "webpload_source", &vips_webpload_source},
    [CVIPS_FORMAT_TIFF] = {"VipsForeignLoadTiff", "tiffload_source", &vips_tiffload_source},
    [CVIPS_FORMAT_HEIF] = {"VipsForeignLoadHeif", "heifload_source", &vips_heifload_source},
    [CVIPS_FORMAT_GIF] = {"VipsForeignLoadNsgif", "gifload_source", &vips_gifload_source},
    [CVIPS_FORMAT_PNM] = {"VipsForeignLoadPpm", "ppmload_source", &vips_ppmload_source},
    [CVIPS_FORMAT_JPEG2000] = {"VipsForeignLoadJp2k", "jp2kload_source", &vips_jp2kload_source},
    [CVIPS_FORMAT_JPEGXL] = {"VipsForeignLoadJxl", "jxlload_source", &vips_jxlload_source},
};
enum { ENTRIES = sizeof entries / sizeof *entries };

void cvips_allow_formats(void) {
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < ENTRIES; i++)
        if (entries[i].base != NULL) vips_operation_block_set(entries[i].base, FALSE);
}

int cvips_has_loader(cvips_format format) {
    if ((size_t)format >= ENTRIES || entries[format].load == NULL) return 0;
    cvips_load_module(format);
    return vips_type_find("VipsOperation", entries[format].nickname) != 0;
}

static int begins(const uint8_t *bytes, size_t length, size_t at, const char *with, size_t count) {
    return length >= at + count && memcmp(bytes + at, with, count) == 0;
}

static int is_heif_brand(const uint8_t *bytes, size_t length, size_t at) {
    static const char brands[][5] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "mif2", "msf1", "avif"};
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (begins(bytes, length, at, brands[i], 4)) return 1;
    return 0;
}

// The major brand may be a camera maker's own; one of the compatible brands then is a standard one.
static int is_heif(const uint8_t *bytes, size_t length) {
    if (!begins(bytes, length, 4, "ftyp", 4)) return 0;
    if (is_heif_brand(bytes, length, 8)) return 1;
    size_t box = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
    for (size_t at = 16; at + 4 <= box && at + 4 <= length; at += 4)
        if (is_heif_brand(bytes, length, at)) return 1;
    return 0;
}

// "BM" alone begins many texts: the size of the second header, which tells a BMP's version, must be one of those
// that were ever used, and the four reserved bytes zero.
static int is_bmp(const uint8_t *bytes, size_t length) {
    if (!begins(bytes, length, 0, "BM", 2) || !begins(bytes, length, 6, "\0\0\0\0", 4) || length < 18) return 0;
    if (bytes[15] != 0 || bytes[16] != 0 || bytes[17] != 0) return 0;
    static const uint8_t sizes[] = {12, 40, 52, 56, 64, 108, 124};
    return memchr(sizes, bytes[14], sizeof sizes) != NULL;
}

cvips_format cvips_format_of(const uint8_t *bytes, size_t length) {
    if (length > CVIPS_HEAD_LENGTH) length = CVIPS_HEAD_LENGTH;
    if (begins(bytes, length, 0, "\xff\xd8\xff", 3)) return CVIPS_FORMAT_JPEG;
    if (begins(bytes, length, 0, "\x89PNG\r\n\x1a\n", 8)) return CVIPS_FORMAT_PNG;
    if (begins(bytes, length, 0, "RIFF", 4) && begins(bytes, length, 8, "WEBP", 4)) return CVIPS_FORMAT_WEBP;
    if (begins(bytes, length, 0, "II*\0", 4) || begins(bytes, length, 0, "MM\0*", 4) ||
        begins(bytes, length, 0, "II+\0", 4) || begins(bytes, length, 0, "MM\0+", 4))
        return CVIPS_FORMAT_TIFF;
    if (begins(bytes, length, 0, "GIF87a", 6) || begins(bytes, length, 0, "GIF89a", 6)) return CVIPS_FORMAT_GIF;
    if (is_heif(bytes, length)) return CVIPS_FORMAT_HEIF;
    if (begins(bytes, length, 0, "\0\0\0\x0cjP  \r\n\x87\n", 12) || begins(bytes, length, 0, "\xff\x4f\xff\x51", 4))
        return CVIPS_FORMAT_JPEG2000;
    if (begins(bytes, length, 0, "\0\0\0\x0cJXL \r\n\x87\n", 12) || begins(bytes, length, 0, "\xff\x0a", 2))
        return CVIPS_FORMAT_JPEGXL;
    if (is_bmp(bytes, length)) return CVIPS_FORMAT_BMP;
    // P1...P6: bitmaps, grey and colour, as text and as bytes. A blank must follow: "P5" alone is a text.
    if (length >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
        (bytes[2] == ' ' || bytes[2] == '\t' || bytes[2] == '\n' || bytes[2] == '\r'))
        return CVIPS_FORMAT_PNM;
    return CVIPS_FORMAT_NONE;
}

static VipsImage *open_source(cvips_format format, VipsSource *source, cvips_reading reading) {
    VipsImage *image = NULL;
    // A picture cut short must fail and not turn grey at the bottom. Broken bits inside are tolerated, as
    // viewers do: many cameras write them. Where an end was put in the place of a missing one, libjpeg only warns
    // of pixels that are missing too.
    VipsFailOn fail_on = reading.lacks_end ? VIPS_FAIL_ON_WARNING : VIPS_FAIL_ON_TRUNCATED;
    loader load = *entries[format].load;
    int failed = format == CVIPS_FORMAT_TIFF
                     ? load(source, &image, "fail_on", fail_on, "access", VIPS_ACCESS_SEQUENTIAL, "page",
                            (int)reading.page, "subifd", (int)reading.sub_directory, NULL)
                     : load(source, &image, "fail_on", fail_on, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
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

// A channel behind the colours that is none and no transparency either: a mask that a program keeps for itself.
static int drop_extra_channel(VipsImage **image) {
    int bands = (*image)->Bands;
    if (bands != 2 && bands != 4 && bands != 5) return 0;
    VipsImage *next = NULL;
    return step(image, vips_extract_band(*image, &next, 0, "n", bands - 1, NULL), next);
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
    return step(image, vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL), next);
}

static int convert(VipsImage **image) {
    VipsImage *next = NULL;
    // L*a*b* is packed, so that its bands are not yet channels.
    if ((*image)->Coding != VIPS_CODING_NONE &&
        step(image, vips_colourspace(*image, &next, VIPS_INTERPRETATION_sRGB, NULL), next))
        return -1;
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
    return (*image)->Bands == 1 || (*image)->Bands == 3 ? 0 : -1;
}

// These three are read from a map of the whole file, which a watched source would be copied for. Their codecs take
// time in proportion to pixels and bytes.
static int is_mapped(cvips_format format) {
    return format == CVIPS_FORMAT_WEBP || format == CVIPS_FORMAT_GIF || format == CVIPS_FORMAT_PNM;
}

// The most bytes that a decoder gets at once. Between two reads it cannot be stopped, and a few hundred bytes of a
// small file can mean seconds of work. libtiff takes a read that gives less than it asked for as the file's end.
static size_t piece(cvips_format format, size_t length) {
    if (format == CVIPS_FORMAT_TIFF) return SIZE_MAX;
    return length / 64 < 512 ? 512 : length / 64;
}

VipsImage *cvips_load(cvips_format format, const uint8_t *bytes, size_t length, cvips_reading reading,
                      int *orientation, int32_t *pixel_bytes, cvips_watch *watch) {
    VipsSource *source =
        is_mapped(format) ? vips_source_new_from_memory(bytes, length)
                          : cvips_watched_source(bytes, length, piece(format, length), reading.lacks_end,
                                                 format == CVIPS_FORMAT_HEIF, watch);
    if (source == NULL) return NULL;
    VipsImage *image = open_source(format, source, reading);
    g_object_unref(source);  // the picture keeps its own reference
    if (image == NULL) return NULL;
    *orientation = format == CVIPS_FORMAT_PNG ? cvips_png_orientation(bytes, length)
                                              : vips_image_get_orientation(image);
    *pixel_bytes = (int32_t)VIPS_IMAGE_SIZEOF_PEL(image);
    int failed = format == CVIPS_FORMAT_PNM && scale_pnm(&image, bytes, length);
    if (reading.drops_extra_channel) failed = failed || drop_extra_channel(&image);
    if (failed || convert(&image)) {
        g_object_unref(image);
        return NULL;
    }
    return image;
}
