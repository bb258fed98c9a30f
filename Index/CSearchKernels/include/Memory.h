#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// Memory for everything that grows with an index; NULL if there is none. Give it back with free().
void *_Nullable csk_allocate(size_t bytes);

/// The same, of zeros.
void *_Nullable csk_allocate_zeros(size_t bytes);

/// The same, at a multiple of 64.
void *_Nullable csk_allocate_aligned(size_t bytes);

/// Whether the next request for memory is to fail; every request of an index asks this once.
///
/// Always 0 in release builds.
int csk_memory_is_refused(void);

/// For tests of debug builds: refuses request number `number` from now on (the next is 0), of all threads, and no
/// other; a number below 0 refuses none. Returns how many requests there were since the last call.
int64_t csk_refuse_memory(int64_t number);

#if defined(__cplusplus)
}
#endif
