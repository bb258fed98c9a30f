#define CVIPS_NAMES_AS_THEY_ARE
#include "Libvips.h"

#include <dlfcn.h>
#include <stdio.h>

cvips_functions cvips_library;

// Each name is looked up in the two libraries and in what they bring with them.
static int find(void *vips, void *pixbuf, void **function, const char *name, char *message, size_t capacity) {
    *function = dlsym(vips, name);
    if (*function == NULL) *function = dlsym(pixbuf, name);
    if (*function != NULL) return 1;
    snprintf(message, capacity, "the installed libvips or gdk-pixbuf has no function %s", name);
    return 0;
}

int cvips_load_library(char *message, size_t capacity) {
    // By the numbers of the interfaces that the headers declare.
    void *vips = dlopen("libvips.so.42", RTLD_LAZY | RTLD_LOCAL);
    void *pixbuf = vips == NULL ? NULL : dlopen("libgdk_pixbuf-2.0.so.0", RTLD_LAZY | RTLD_LOCAL);
    if (pixbuf == NULL) {
        const char *reason = dlerror();
        snprintf(message, capacity, "%s", reason != NULL ? reason : "the system gave no reason");
        return 0;
    }
#define FIND(NAME)                                                                                                     \
    if (!find(vips, pixbuf, (void **)&cvips_library.NAME, #NAME, message, capacity)) return 0;
    CVIPS_FUNCTIONS(FIND)
#undef FIND
    return 1;
}
