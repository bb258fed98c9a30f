#include "Library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

cmhd_functions cmhd_library;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_loaded;

static int load(char *message, size_t size) {
    // By the number of the interface that the header declares.
    void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        snprintf(
            message, size, "libmicrohttpd cannot be loaded (%s); install Debian's package libmicrohttpd12",
            reason != NULL ? reason : "the system gave no reason");
        return 0;
    }
#define FIND(NAME)                                                                                                     \
    *(void **)&cmhd_library.NAME = dlsym(library, #NAME);                                                              \
    if (cmhd_library.NAME == NULL) {                                                                                   \
        snprintf(message, size, "the installed libmicrohttpd has no function %s", #NAME);                              \
        return 0;                                                                                                      \
    }
    CMHD_FUNCTIONS(FIND)
#undef FIND
    return 1;
}

int cmhd_load(char *message, size_t size) {
    pthread_mutex_lock(&lock);
    if (!is_loaded) is_loaded = load(message, size);
    int loaded = is_loaded;
    pthread_mutex_unlock(&lock);
    return loaded;
}
