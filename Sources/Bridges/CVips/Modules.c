// For dladdr.
#define _GNU_SOURCE

#include "Modules.h"

#include <dlfcn.h>
#include <gmodule.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Libvips.h"

void cvips_leave_out_modules(void) {
    // Where libvips looks for modules as it starts; one that the user has chosen stays.
    setenv("VIPSHOME", "/nonexistent", 0);
}

// In the folder beside libvips in which libvips itself looks: LIBDIR/vips-modules-8.14/NAME.
static void load(const char *name, const char *base) {
    Dl_info library;
    if (dladdr((void *)vips_version, &library) == 0 || library.dli_fname == NULL) return;
    const char *end = strrchr(library.dli_fname, '/');
    if (end == NULL) return;
    char path[4096];
    const int length = snprintf(path, sizeof path, "%.*s/vips-modules-%d.%d/%s", (int)(end - library.dli_fname),
                                library.dli_fname, vips_version(0), vips_version(1), name);
    // Without the module, photos of its format cannot be read; the error for such a photo says so.
    if (length <= 0 || (size_t)length >= sizeof path || g_module_open(path, G_MODULE_BIND_LAZY) == NULL) return;
    // Like every loader that is not on the allow-list, it is blocked at first.
    vips_operation_block_set(base, FALSE);
}

static void load_heif(void) { load("vips-heif.so", "VipsForeignLoadHeif"); }
static void load_jpegxl(void) { load("vips-jxl.so", "VipsForeignLoadJxl"); }

void cvips_load_module(cvips_format format) {
    static pthread_once_t heif = PTHREAD_ONCE_INIT, jpegxl = PTHREAD_ONCE_INIT;
    if (format == CVIPS_FORMAT_HEIF) pthread_once(&heif, load_heif);
    if (format == CVIPS_FORMAT_JPEGXL) pthread_once(&jpegxl, load_jpegxl);
}
