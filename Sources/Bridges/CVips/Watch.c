#include "Watch.h"

#include <time.h>

// The longest time in which a wish to stop is not seen, in nanoseconds.
static const int64_t pause_between_looks = 10 * 1000 * 1000;

static int64_t clock_now(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void cvips_watch_start(cvips_watch *watch, const cvips_bounds *bounds, int has_helpers) {
    watch->bounds = *bounds;
    watch->has_helpers = has_helpers;
    watch->owner = pthread_self();
    watch->own_start = clock_now(CLOCK_THREAD_CPUTIME_ID);
    watch->process_start = clock_now(CLOCK_PROCESS_CPUTIME_ID);
    watch->wall_start = clock_now(CLOCK_MONOTONIC);
    atomic_init(&watch->next_look, watch->wall_start + pause_between_looks);
    atomic_init(&watch->verdict, CVIPS_OK);
    atomic_init(&watch->used, 0);
}

// Processor time that the photo has cost. With helper threads no clock shows it alone: it is at most the time that
// has passed and at most what the whole process has used, so that a machine busy with other work counts for nothing.
static int64_t used(const cvips_watch *watch, int64_t now) {
    int64_t own = 0, whole = 0;
    if (pthread_equal(watch->owner, pthread_self()))
        own = clock_now(CLOCK_THREAD_CPUTIME_ID) - watch->own_start;
    if (watch->has_helpers) {
        whole = clock_now(CLOCK_PROCESS_CPUTIME_ID) - watch->process_start;
        if (whole > now - watch->wall_start) whole = now - watch->wall_start;
    }
    return own > whole ? own : whole;
}

int cvips_watch_is_over(cvips_watch *watch) {
    if (atomic_load(&watch->verdict) != CVIPS_OK) return 1;
    int64_t now = clock_now(CLOCK_MONOTONIC);
    if (now < atomic_load(&watch->next_look)) return 0;
    atomic_store(&watch->next_look, now + pause_between_looks);
    int64_t time = used(watch, now);
    int32_t verdict = CVIPS_OK;
    if (watch->bounds.should_stop(watch->bounds.context))
        verdict = CVIPS_STOPPED;
    else if (time > watch->bounds.nanoseconds)
        verdict = CVIPS_TOO_SLOW;
    int32_t before = CVIPS_OK;
    if (verdict != CVIPS_OK) {
        atomic_store(&watch->used, time);
        atomic_compare_exchange_strong(&watch->verdict, &before, verdict);
    }
    return verdict != CVIPS_OK;
}

cvips_status cvips_watch_verdict(cvips_watch *watch, cvips_status otherwise, int64_t *used) {
    *used = atomic_load(&watch->used);
    int32_t verdict = atomic_load(&watch->verdict);
    return verdict == CVIPS_OK ? otherwise : (cvips_status)verdict;
}
