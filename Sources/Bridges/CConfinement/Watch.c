#include "CConfinement.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *lost_message;
static int lost_code, unread_code;
static int64_t patience, last_write;

/// Processor time of the process in nanoseconds.
static int64_t processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void confinement_has_written(void) { __atomic_store_n(&last_write, processor_time(), __ATOMIC_RELAXED); }

/// Calls nothing but what a handler of signals may call.
static void look(int number) {
    (void)number;
    const int error = errno;
    struct pollfd output = {.fd = STDOUT_FILENO};
    // A reader that takes its time is none that is gone.
    if (poll(&output, 1, 0) > 0) _exit(unread_code);
    if (processor_time() - __atomic_load_n(&last_write, __ATOMIC_RELAXED) > patience) {
        const ssize_t written = write(STDERR_FILENO, lost_message, strlen(lost_message));
        (void)written;
        _exit(lost_code);
    }
    errno = error;
}

int confinement_watch(double seconds, const char *message, int lost, int unread) {
    lost_message = message, lost_code = lost, unread_code = unread;
    patience = seconds < 1e9 ? (int64_t)(seconds * 1e9) : INT64_MAX;
    confinement_has_written();
    struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGALRM, &action, NULL) != 0) return errno;
    // The parent process may have blocked the signal.
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);
    const struct itimerval fifth = {{0, 200000}, {0, 200000}};
    return setitimer(ITIMER_REAL, &fifth, NULL) == 0 ? 0 : errno;
}
