// For syscall.
#define _GNU_SOURCE

#include "CConfinement.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's header of this system may be older than its kernel, so the numbers are here: those of the kernel's
// interface, which never change. Each version of Landlock knows all of the one before it.
struct ruleset {
    uint64_t files, network, scoped;
};

enum { last_version = 6 };

// By version, from 1: how many of the bits of `files` it knows, from bit 0 on (to execute, write, read, list, remove,
// make …; then to move between folders, to cut, to control devices), and the same for `network` and `scoped`.
static const unsigned char file_rights[last_version] = {13, 14, 15, 15, 16, 16};
static const unsigned char network_rights[last_version] = {0, 0, 0, 2, 2, 2};
static const unsigned char scopes[last_version] = {0, 0, 0, 0, 0, 2};

static uint64_t first_bits(unsigned char count) { return (UINT64_C(1) << count) - 1; }

int confinement_enter_landlock(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u);
    if (version < 1) return version < 0 ? errno : ENOSYS;
    if (version > last_version) version = last_version;
    // Everything that is handled is refused, as no rule allows any of it. A kernel takes a longer structure than it
    // knows, if the rest is zero.
    const struct ruleset ruleset = {
        first_bits(file_rights[version - 1]), first_bits(network_rights[version - 1]), first_bits(scopes[version - 1])};
    const int descriptor = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0u);
    if (descriptor < 0) return errno;
    int status = 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, descriptor, 0u) != 0)
        status = errno;
    close(descriptor);
    return status;
}
