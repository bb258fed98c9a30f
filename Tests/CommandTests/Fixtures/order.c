// Preloaded into a program under test: writes down what it syncs and renames, in order.
//
// ORDER_LOG names the file. "sync INODE" is a file or folder that was synced, "rename INODE FOLDER NAME" a file that is
// about to get a name in a folder.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void note(const char *line) {
    const char *path = getenv("ORDER_LOG");
    int kept = errno;
    int log = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log >= 0) {
        if (write(log, line, strlen(line)) < 0) abort();
        close(log);
    }
    errno = kept;
}

static int synced(int status, int descriptor) {
    struct stat facts;
    char line[64];
    if (status == 0 && fstat(descriptor, &facts) == 0) {
        snprintf(line, sizeof line, "sync %lu\n", (unsigned long)facts.st_ino);
        note(line);
    }
    return status;
}

int fsync(int descriptor) { return synced(((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor), descriptor); }

int fdatasync(int descriptor) {
    return synced(((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor), descriptor);
}

int renameat(int from, const char *old, int to, const char *new) {
    struct stat file, folder;
    char line[512];
    if (fstatat(from, old, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(file.st_mode) && fstat(to, &folder) == 0) {
        snprintf(line, sizeof line, "rename %lu %lu %s\n", (unsigned long)file.st_ino,
                 (unsigned long)folder.st_ino, new);
        note(line);
    }
    return ((int (*)(int, const char *, int, const char *))dlsym(RTLD_NEXT, "renameat"))(from, old, to, new);
}
