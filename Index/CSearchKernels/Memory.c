#include "Memory.h"

#include <stdlib.h>
#include <string.h>

static int64_t refused = -1, requests = 0;

int csk_memory_is_refused(void) {
#if defined(DEBUG)
    const int64_t number = __atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
    return number == __atomic_load_n(&refused, __ATOMIC_RELAXED);
#else
    return 0;
#endif
}

int64_t csk_refuse_memory(int64_t number) {
    __atomic_store_n(&refused, number, __ATOMIC_RELAXED);
    return __atomic_exchange_n(&requests, 0, __ATOMIC_RELAXED);
}

void *csk_allocate(size_t bytes) { return csk_memory_is_refused() ? NULL : malloc(bytes); }

void *csk_allocate_zeros(size_t bytes) { return csk_memory_is_refused() ? NULL : calloc(1, bytes); }

void *csk_allocate_aligned(size_t bytes) {
    if (csk_memory_is_refused() || bytes > SIZE_MAX - 63) return NULL;
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}
