// For close_range.
#define _GNU_SOURCE

#include "CConfinement.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

// What a process may ask for that computes, and reads and writes open files. Everything else is refused: a list of what
// is forbidden would have a hole with each new kernel.
static const int allowed[] = {
    // Open files. The numbers of files are all that these take; none of them opens one.
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(lseek), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(close),
    // Memory. Mapping it has rules of its own.
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    // Threads that are there already, and their locks.
    SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
    SCMP_SYS(gettid), SCMP_SYS(getpid),
    // Time.
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(restart_syscall),
    // What Swift's dictionaries are seeded with.
    SCMP_SYS(getrandom),
    // Signals, which end a process that crashes; none can be sent to another one, as `tgkill` has a rule of its own.
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    // The end.
    SCMP_SYS(exit), SCMP_SYS(exit_group),
};

// What a process may ask for in addition that writes an open file at places.
static const int written[] = {SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(ftruncate)};

static int allow(scmp_filter_ctx filter, const int *calls, size_t count) {
    for (size_t place = 0; place < count; place++) {
        const int status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[place], 0);
        // A call that this machine does not have needs no permission.
        if (status < 0 && status != -EDOM) return status;
    }
    return 0;
}

static int fill(scmp_filter_ctx filter, int process, int writes) {
    int granted = allow(filter, allowed, sizeof allowed / sizeof *allowed);
    if (granted == 0 && writes) granted = allow(filter, written, sizeof written / sizeof *written);
    if (granted < 0) return granted;
    // Memory that is never executed.
    const int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    for (size_t place = 0; place < sizeof maps / sizeof *maps; place++) {
        const int status =
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, maps[place], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        if (status < 0) return status;
    }
    // A process that aborts sends itself the signal.
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)process));
}

void confinement_close_inherited(void) { close_range(STDERR_FILENO + 1, ~0u, 0); }

int confinement_enter(int writes) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL) return ENOMEM;
    // All threads, those too that wait elsewhere.
    int status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (status == 0) status = fill(filter, getpid(), writes);
    if (status == 0) status = seccomp_load(filter);
    seccomp_release(filter);
    return status < 0 ? -status : status;
}
