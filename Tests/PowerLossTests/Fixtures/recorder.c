// Preloaded into a program under test: records what it asks of the disk, in order, so that a test can replay what a
// power failure would have left.
//
// POWER_LOG names the file that the record is appended to. Each event is `struct event`, a name, a second name, and
// bytes. Files and folders are known by their inode numbers. A write to standard output is an event, too: what the
// program has told. One event at a time: what is asked by several threads is done and recorded under one lock.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { MAKE = 1, WRITE, RESIZE, SYNC, RENAME, REMOVE, TELL };

struct event {
    uint32_t kind;
    // MAKE: 1 for a folder. WRITE: 1 where the bytes are durable when the call returns.
    uint32_t flag;
    uint64_t inode, folder, other_folder;
    // WRITE: where. RESIZE: the new size.
    uint64_t offset;
    uint32_t name_size, other_name_size;
    uint64_t size;
};

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void put(int log, const void *bytes, size_t size) {
    const char *rest = bytes;
    while (size > 0) {
        const ssize_t count = REAL(write)(log, rest, size);
        if (count <= 0) abort();
        rest += count;
        size -= (size_t)count;
    }
}

static void record(struct event event, const char *name, const char *other, const void *bytes, size_t size) {
    static int log = -1;
    const char *path = getenv("POWER_LOG");
    if (path == NULL) return;
    // A number that no program closes by mistake when it closes its own.
    if (log < 0) log = fcntl(REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), F_DUPFD_CLOEXEC, 900);
    if (log < 0) abort();
    event.name_size = name == NULL ? 0 : (uint32_t)strlen(name);
    event.other_name_size = other == NULL ? 0 : (uint32_t)strlen(other);
    event.size = size;
    put(log, &event, sizeof event);
    put(log, name, event.name_size);
    put(log, other, event.other_name_size);
    put(log, bytes, size);
}

static int stat_of(int descriptor, struct stat *facts) {
    return fstat(descriptor, facts) == 0 && (S_ISREG(facts->st_mode) || S_ISDIR(facts->st_mode));
}

// The folder that a path's last part is in, and that part.
static uint64_t folder_of(int at, const char *path, const char **name) {
    char folder[4096];
    const char *slash = strrchr(path, '/');
    struct stat facts;
    *name = slash == NULL ? path : slash + 1;
    snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
    return fstatat(at, folder, &facts, 0) == 0 ? facts.st_ino : 0;
}

// MARK: names

static int opened(int descriptor, int at, const char *path, int flags, int was_there) {
    const int kept = errno;
    struct stat facts;
    if (descriptor >= 0 && stat_of(descriptor, &facts)) {
        struct event event = {.inode = facts.st_ino};
        const char *name;
        if ((flags & O_CREAT) != 0 && !was_there) {
            event.kind = MAKE;
            event.folder = folder_of(at, path, &name);
            record(event, name, NULL, NULL, 0);
        } else if ((flags & O_TRUNC) != 0) {
            event.kind = RESIZE;
            record(event, NULL, NULL, NULL, 0);
        }
    }
    errno = kept;
    return descriptor;
}

static int is_there(int at, const char *path, int flags) {
    struct stat facts;
    return (flags & O_CREAT) != 0 && fstatat(at, path, &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

#define MODE_OF(flags)                                                                                                 \
    mode_t mode = 0;                                                                                                   \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) {                                                                        \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
    }

static int open_recorded(int at, const char *path, int flags, mode_t mode) {
    pthread_mutex_lock(&lock);
    const int was_there = is_there(at, path, flags);
    const int result = opened(REAL(openat)(at, path, flags, mode), at, path, flags, was_there);
    pthread_mutex_unlock(&lock);
    return result;
}

int open(const char *path, int flags, ...) {
    MODE_OF(flags)
    return open_recorded(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE_OF(flags)
    return open_recorded(AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...) {
    MODE_OF(flags)
    return open_recorded(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
    MODE_OF(flags)
    return open_recorded(at, path, flags, mode);
}

static void made_folder(int at, const char *path) {
    const int kept = errno;
    struct stat facts;
    const char *name;
    if (fstatat(at, path, &facts, AT_SYMLINK_NOFOLLOW) == 0) {
        struct event event = {.kind = MAKE, .flag = 1, .inode = facts.st_ino};
        event.folder = folder_of(at, path, &name);
        record(event, name, NULL, NULL, 0);
    }
    errno = kept;
}

int mkdirat(int at, const char *path, mode_t mode) {
    pthread_mutex_lock(&lock);
    const int result = REAL(mkdirat)(at, path, mode);
    if (result == 0) made_folder(at, path);
    pthread_mutex_unlock(&lock);
    return result;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

static void removed(int at, const char *path) {
    const int kept = errno;
    const char *name;
    struct event event = {.kind = REMOVE};
    event.folder = folder_of(at, path, &name);
    record(event, name, NULL, NULL, 0);
    errno = kept;
}

int unlinkat(int at, const char *path, int flags) {
    pthread_mutex_lock(&lock);
    const int result = REAL(unlinkat)(at, path, flags);
    if (result == 0) removed(at, path);
    pthread_mutex_unlock(&lock);
    return result;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    const int result = unlink(path);
    return result != 0 && errno == EISDIR ? rmdir(path) : result;
}

int renameat(int from, const char *old, int to, const char *new) {
    pthread_mutex_lock(&lock);
    struct stat facts;
    const int is_known = fstatat(from, old, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    const int result = REAL(renameat)(from, old, to, new);
    if (result == 0 && is_known) {
        const char *name, *other;
        struct event event = {.kind = RENAME, .inode = facts.st_ino};
        event.folder = folder_of(from, old, &name);
        event.other_folder = folder_of(to, new, &other);
        record(event, name, other, NULL, 0);
        errno = 0;
    }
    pthread_mutex_unlock(&lock);
    return result;
}
int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }

// Ways that this recorder does not follow end the program, so that no test passes for want of events.
int linkat(int from, const char *old, int to, const char *new, int flags) { abort(); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) { abort(); }
ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags) { abort(); }

// MARK: bytes

static void wrote(int descriptor, const void *bytes, ssize_t size, off_t offset) {
    const int kept = errno;
    struct stat facts;
    if (size > 0 && descriptor == STDOUT_FILENO) {
        record((struct event){.kind = TELL}, NULL, NULL, bytes, (size_t)size);
    } else if (size > 0 && stat_of(descriptor, &facts)) {
        const struct event event = {
            .kind = WRITE,
            .flag = (fcntl(descriptor, F_GETFL) & O_DSYNC) != 0,
            .inode = facts.st_ino,
            .offset = (uint64_t)offset,
        };
        record(event, NULL, NULL, bytes, (size_t)size);
    }
    errno = kept;
}

static off_t place_of(int descriptor) {
    struct stat facts;
    if ((fcntl(descriptor, F_GETFL) & O_APPEND) != 0 && fstat(descriptor, &facts) == 0) return facts.st_size;
    return lseek(descriptor, 0, SEEK_CUR);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    pthread_mutex_lock(&lock);
    const int kept = errno;
    const off_t offset = place_of(descriptor);
    errno = kept;
    const ssize_t result = REAL(write)(descriptor, bytes, size);
    wrote(descriptor, bytes, result, offset);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    pthread_mutex_lock(&lock);
    const ssize_t result = REAL(pwrite)(descriptor, bytes, size, offset);
    wrote(descriptor, bytes, result, offset);
    pthread_mutex_unlock(&lock);
    return result;
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off_t offset) {
    return pwrite(descriptor, bytes, size, offset);
}

// In one piece: what is written at once is recorded at once, and may be torn anywhere.
static ssize_t write_parts(int descriptor, const struct iovec *parts, int count, off_t offset, int is_placed) {
    size_t size = 0;
    for (int part = 0; part < count; part++) size += parts[part].iov_len;
    char *whole = malloc(size + 1), *end = whole;
    if (whole == NULL) abort();
    for (int part = 0; part < count; part++) end = mempcpy(end, parts[part].iov_base, parts[part].iov_len);
    const ssize_t result = is_placed ? pwrite(descriptor, whole, size, offset) : write(descriptor, whole, size);
    free(whole);
    return result;
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    return write_parts(descriptor, parts, count, 0, 0);
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
    return write_parts(descriptor, parts, count, offset, 1);
}
ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off_t offset) {
    return write_parts(descriptor, parts, count, offset, 1);
}

int ftruncate(int descriptor, off_t size) {
    pthread_mutex_lock(&lock);
    const int result = REAL(ftruncate)(descriptor, size);
    struct stat facts;
    if (result == 0 && stat_of(descriptor, &facts))
        record((struct event){.kind = RESIZE, .inode = facts.st_ino, .offset = (uint64_t)size}, NULL, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate64(int descriptor, off_t size) { return ftruncate(descriptor, size); }

static int synced(int descriptor, int result) {
    struct stat facts;
    if (result == 0 && stat_of(descriptor, &facts))
        record((struct event){.kind = SYNC, .inode = facts.st_ino}, NULL, NULL, NULL, 0);
    return result;
}

int fsync(int descriptor) {
    pthread_mutex_lock(&lock);
    const int result = synced(descriptor, REAL(fsync)(descriptor));
    pthread_mutex_unlock(&lock);
    return result;
}

int fdatasync(int descriptor) {
    pthread_mutex_lock(&lock);
    const int result = synced(descriptor, REAL(fdatasync)(descriptor));
    pthread_mutex_unlock(&lock);
    return result;
}
