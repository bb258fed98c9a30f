// The bound on a photo's time, and the caller's wish to stop. Codecs cannot be interrupted from outside; what they
// call (to get bytes) and what calls them (for a strip of rows) asks here whether to go on.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "CVips.h"

typedef struct {
    cvips_bounds bounds;
    // Whether the codec works on threads of its own, whose time no clock of the calling thread shows.
    int has_helpers;
    pthread_t owner;
    int64_t own_start, process_start, wall_start;
    // When to ask the slower clocks and the caller again.
    _Atomic int64_t next_look;
    // CVIPS_OK while the work may go on; then CVIPS_TOO_SLOW or CVIPS_STOPPED for ever.
    _Atomic int32_t verdict;
    // What had been used when the verdict was CVIPS_TOO_SLOW, in nanoseconds.
    _Atomic int64_t used;
} cvips_watch;

void cvips_watch_start(cvips_watch *watch, const cvips_bounds *bounds, int has_helpers);

// Whether the work must end. Costs a glance at a clock in most calls. Safe from any thread.
int cvips_watch_is_over(cvips_watch *watch);

// CVIPS_TOO_SLOW, with the time in `*used`, or CVIPS_STOPPED where that ended the work, else `otherwise`.
cvips_status cvips_watch_verdict(cvips_watch *watch, cvips_status otherwise, int64_t *used);
