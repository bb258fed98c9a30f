// Preloaded into a program under test: from the write or sync of a given number on, all of them fail.
//
// FAULT_AT=n counts from 1; FAULT_ERRNO is the error, ENOSPC's number for a full disk, EIO's for a broken one. Standard
// streams and pipes are spared: only regular files count.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

static int fails(int descriptor) {
    struct stat facts;
    if (descriptor <= STDERR_FILENO) return 0;
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) return 0;
    const char *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERRNO");
    if (at == NULL || error == NULL) return 0;
    if (atomic_fetch_add(&calls, 1) + 1 < atol(at)) return 0;
    errno = atoi(error);
    return 1;
}

#define REAL(type, name, ...) ((type(*) __VA_ARGS__)dlsym(RTLD_NEXT, name))

ssize_t write(int descriptor, const void *bytes, size_t count) {
    if (fails(descriptor)) return -1;
    return REAL(ssize_t, "write", (int, const void *, size_t))(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    if (fails(descriptor)) return -1;
    return REAL(ssize_t, "pwrite", (int, const void *, size_t, off_t))(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
    if (fails(descriptor)) return -1;
    return REAL(ssize_t, "pwrite64", (int, const void *, size_t, off_t))(descriptor, bytes, count, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    if (fails(descriptor)) return -1;
    return REAL(ssize_t, "writev", (int, const struct iovec *, int))(descriptor, parts, count);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
    if (fails(descriptor)) return -1;
    return REAL(ssize_t, "pwritev", (int, const struct iovec *, int, off_t))(descriptor, parts, count, offset);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off_t offset) {
    if (fails(descriptor)) return -1;
    return REAL(ssize_t, "pwritev64", (int, const struct iovec *, int, off_t))(descriptor, parts, count, offset);
}

int fsync(int descriptor) {
    if (fails(descriptor)) return -1;
    return REAL(int, "fsync", (int))(descriptor);
}

int fdatasync(int descriptor) {
    if (fails(descriptor)) return -1;
    return REAL(int, "fdatasync", (int))(descriptor);
}
