#include <math.h>
#include <string.h>

#include "Kernels.h"

// Rows of one step: 64 x 128 x 4 bytes stay in the second-level cache while every probe reads them.
enum { step = 64 };

static int is_worse(const csk_heap *heap, size_t a, size_t b) {
    if (heap->similarities[a] != heap->similarities[b])
        return heap->similarities[a] < heap->similarities[b];
    return heap->ids[a] > heap->ids[b];
}

static void swap(csk_heap *heap, size_t a, size_t b) {
    const float similarity = heap->similarities[a];
    const int64_t id = heap->ids[a];
    heap->similarities[a] = heap->similarities[b], heap->ids[a] = heap->ids[b];
    heap->similarities[b] = similarity, heap->ids[b] = id;
}

static void sift_down(csk_heap *heap, size_t at, size_t count) {
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count) return;
        if (child + 1 < count && is_worse(heap, child + 1, child)) child++;
        if (!is_worse(heap, child, at)) return;
        swap(heap, child, at);
        at = child;
    }
}

void csk_heap_offer(csk_heap *heap, float similarity, int64_t id) {
    if (isnan(similarity)) return;
    if (similarity > heap->best) heap->best = similarity;
    if (heap->count < heap->capacity) {
        size_t at = heap->count++;
        heap->similarities[at] = similarity, heap->ids[at] = id;
        while (at > 0 && is_worse(heap, at, (at - 1) / 2)) {
            swap(heap, at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        return;
    }
    const float worst = heap->similarities[0];
    if (similarity < worst || (similarity == worst && id >= heap->ids[0])) return;
    heap->similarities[0] = similarity, heap->ids[0] = id;
    sift_down(heap, 0, heap->count);
}

void csk_heap_sort(csk_heap *heap) {
    for (size_t last = heap->count; last > 1; last--) {
        swap(heap, 0, last - 1);
        sift_down(heap, 0, last - 1);
    }
}

static int is_removed(const uint64_t *removed, size_t bit) {
    return removed != NULL && (removed[bit / 64] >> (bit % 64) & 1) != 0;
}

static void offer_all(
    csk_heap *heap, const float *similarities, const char *ids, size_t count, const uint64_t *removed,
    size_t first_bit) {
    float bar = heap->count < heap->capacity ? -INFINITY : heap->similarities[0];
    for (size_t r = 0; r < count; r++) {
        if (!(similarities[r] >= bar) || is_removed(removed, first_bit + r)) continue;
        int64_t id;
        memcpy(&id, ids + r * sizeof id, sizeof id);
        csk_heap_offer(heap, similarities[r], id);
        if (heap->count == heap->capacity) bar = heap->similarities[0];
    }
}

void csk_scan(
    const csk_kernel *kernel, const float *const *probes, csk_heap *const *heaps, size_t probe_count,
    const void *rows, const void *ids, size_t count, size_t dimension, const uint64_t *removed,
    size_t first_bit) {
    float similarities[csk_group * step];
    for (size_t r = 0; r < count; r += step) {
        const size_t some = count - r < step ? count - r : step;
        const char *at = (const char *)rows + r * dimension * sizeof(float);
        const char *some_ids = (const char *)ids + r * sizeof(int64_t);
        size_t p = 0;
        for (; p + csk_group <= probe_count; p += csk_group) {
            kernel->block(probes + p, at, some, dimension, similarities, step);
            for (size_t i = 0; i < csk_group; i++)
                offer_all(heaps[p + i], similarities + i * step, some_ids, some, removed, first_bit + r);
        }
        for (; p < probe_count; p++) {
            kernel->rows(probes[p], at, some, dimension, similarities);
            offer_all(heaps[p], similarities, some_ids, some, removed, first_bit + r);
        }
    }
}
