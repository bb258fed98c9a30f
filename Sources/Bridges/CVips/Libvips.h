// libvips and gdk-pixbuf, loaded when the first photo is opened. They bring a hundred libraries with them, and binding
// those takes longer than a search of a million templates, which needs none of them.
#pragma once

#include <gmodule.h>
#include <vips/vips.h>

// gdk-pixbuf's headers need an include path of their own, which pkg-config gives together with a flag that SwiftPM
// refuses. These declarations are those of its stable interface, version 2.
typedef struct _GdkPixbufLoader GdkPixbufLoader;
typedef struct _GdkPixbuf GdkPixbuf;
typedef struct _GdkPixbufFormat GdkPixbufFormat;
extern GSList *gdk_pixbuf_get_formats(void);
extern gchar *gdk_pixbuf_format_get_name(GdkPixbufFormat *format);
extern GdkPixbufLoader *gdk_pixbuf_loader_new_with_type(const char *type, GError **error);
extern gboolean gdk_pixbuf_loader_write(GdkPixbufLoader *loader, const guchar *bytes, gsize count, GError **error);
extern gboolean gdk_pixbuf_loader_close(GdkPixbufLoader *loader, GError **error);
extern GdkPixbuf *gdk_pixbuf_loader_get_pixbuf(GdkPixbufLoader *loader);
extern int gdk_pixbuf_get_n_channels(const GdkPixbuf *pixbuf);
extern int gdk_pixbuf_get_width(const GdkPixbuf *pixbuf);
extern int gdk_pixbuf_get_height(const GdkPixbuf *pixbuf);
extern int gdk_pixbuf_get_rowstride(const GdkPixbuf *pixbuf);
extern const guint8 *gdk_pixbuf_read_pixels(const GdkPixbuf *pixbuf);

// Every function of the two libraries that the bridge calls, by itself or in a macro of their headers.
#define CVIPS_FUNCTIONS(OF)                                                                                            \
    OF(gdk_pixbuf_format_get_name) OF(gdk_pixbuf_get_formats) OF(gdk_pixbuf_get_height)                                \
    OF(gdk_pixbuf_get_n_channels) OF(gdk_pixbuf_get_rowstride) OF(gdk_pixbuf_get_width)                                \
    OF(gdk_pixbuf_loader_close) OF(gdk_pixbuf_loader_get_pixbuf) OF(gdk_pixbuf_loader_new_with_type)                   \
    OF(gdk_pixbuf_loader_write) OF(gdk_pixbuf_read_pixels) OF(g_module_open) OF(vips_area_get_type)                    \
    OF(vips_area_unref)                                                                                                \
    OF(vips_array_double_new) OF(vips_cache_set_max) OF(vips_cast_uchar) OF(vips_cast_ushort)                          \
    OF(vips_colourspace) OF(vips_concurrency_set) OF(vips_copy) OF(vips_error) OF(vips_error_buffer_copy)              \
    OF(vips_extract_band) OF(vips_flatten) OF(vips_format_sizeof_unsafe) OF(vips_gifload_source)                       \
    OF(vips_heifload_source) OF(vips_icc_transform) OF(vips_image_get_orientation) OF(vips_image_hasalpha)             \
    OF(vips_image_new_from_memory) OF(vips_image_write_to_memory) OF(vips_init) OF(vips_jp2kload_source) OF(vips_jpegload_source)                     \
    OF(vips_jpegsave_buffer) OF(vips_jxlload_source) OF(vips_linear1) OF(vips_object_build)                            \
    OF(vips_object_get_type)                                                                                           \
    OF(vips_operation_block_set) OF(vips_pngload_source) OF(vips_pngsave_buffer) OF(vips_ppmload_source)               \
    OF(vips_rect_includespoint) OF(vips_region_new) OF(vips_region_prepare) OF(vips_source_get_type)                   \
    OF(vips_source_new_from_memory) OF(vips_text) OF(vips_thread_shutdown) OF(vips_tiffload_source) OF(vips_type_find)               \
    OF(vips_version) OF(vips_webpload_source)

#define CVIPS_POINTER(NAME) __typeof__(NAME) *NAME;
typedef struct {
    CVIPS_FUNCTIONS(CVIPS_POINTER)
} cvips_functions;
#undef CVIPS_POINTER

extern cvips_functions cvips_library;

// Loads the libraries. Returns 1, or 0 with one line in `message` that names what is missing. Call it once, before
// any of the functions.
int cvips_load_library(char *message, size_t capacity);

// Libvips.c, which looks their names up, takes the names as they are.
#ifndef CVIPS_NAMES_AS_THEY_ARE
#define g_module_open cvips_library.g_module_open
#define gdk_pixbuf_format_get_name cvips_library.gdk_pixbuf_format_get_name
#define gdk_pixbuf_get_formats cvips_library.gdk_pixbuf_get_formats
#define gdk_pixbuf_get_height cvips_library.gdk_pixbuf_get_height
#define gdk_pixbuf_get_n_channels cvips_library.gdk_pixbuf_get_n_channels
#define gdk_pixbuf_get_rowstride cvips_library.gdk_pixbuf_get_rowstride
#define gdk_pixbuf_get_width cvips_library.gdk_pixbuf_get_width
#define gdk_pixbuf_loader_close cvips_library.gdk_pixbuf_loader_close
#define gdk_pixbuf_loader_get_pixbuf cvips_library.gdk_pixbuf_loader_get_pixbuf
#define gdk_pixbuf_loader_new_with_type cvips_library.gdk_pixbuf_loader_new_with_type
#define gdk_pixbuf_loader_write cvips_library.gdk_pixbuf_loader_write
#define gdk_pixbuf_read_pixels cvips_library.gdk_pixbuf_read_pixels
#define vips_area_get_type cvips_library.vips_area_get_type
#define vips_area_unref cvips_library.vips_area_unref
#define vips_array_double_new cvips_library.vips_array_double_new
#define vips_cache_set_max cvips_library.vips_cache_set_max
#define vips_cast_uchar cvips_library.vips_cast_uchar
#define vips_cast_ushort cvips_library.vips_cast_ushort
#define vips_colourspace cvips_library.vips_colourspace
#define vips_concurrency_set cvips_library.vips_concurrency_set
#define vips_copy cvips_library.vips_copy
#define vips_error cvips_library.vips_error
#define vips_error_buffer_copy cvips_library.vips_error_buffer_copy
#define vips_extract_band cvips_library.vips_extract_band
#define vips_flatten cvips_library.vips_flatten
#define vips_format_sizeof_unsafe cvips_library.vips_format_sizeof_unsafe
#define vips_gifload_source cvips_library.vips_gifload_source
#define vips_heifload_source cvips_library.vips_heifload_source
#define vips_icc_transform cvips_library.vips_icc_transform
#define vips_image_get_orientation cvips_library.vips_image_get_orientation
#define vips_image_hasalpha cvips_library.vips_image_hasalpha
#define vips_image_new_from_memory cvips_library.vips_image_new_from_memory
#define vips_image_write_to_memory cvips_library.vips_image_write_to_memory
#define vips_init cvips_library.vips_init
#define vips_jp2kload_source cvips_library.vips_jp2kload_source
#define vips_jpegload_source cvips_library.vips_jpegload_source
#define vips_jpegsave_buffer cvips_library.vips_jpegsave_buffer
#define vips_jxlload_source cvips_library.vips_jxlload_source
#define vips_linear1 cvips_library.vips_linear1
#define vips_object_build cvips_library.vips_object_build
#define vips_object_get_type cvips_library.vips_object_get_type
#define vips_operation_block_set cvips_library.vips_operation_block_set
#define vips_pngload_source cvips_library.vips_pngload_source
#define vips_pngsave_buffer cvips_library.vips_pngsave_buffer
#define vips_ppmload_source cvips_library.vips_ppmload_source
#define vips_rect_includespoint cvips_library.vips_rect_includespoint
#define vips_region_new cvips_library.vips_region_new
#define vips_region_prepare cvips_library.vips_region_prepare
#define vips_source_get_type cvips_library.vips_source_get_type
#define vips_source_new_from_memory cvips_library.vips_source_new_from_memory
#define vips_text cvips_library.vips_text
#define vips_thread_shutdown cvips_library.vips_thread_shutdown
#define vips_tiffload_source cvips_library.vips_tiffload_source
#define vips_type_find cvips_library.vips_type_find
#define vips_version cvips_library.vips_version
#define vips_webpload_source cvips_library.vips_webpload_source
#endif
