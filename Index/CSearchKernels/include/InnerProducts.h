#pragma once

#include <stddef.h>
#include <stdint.h>

#include "CompactCodes.h"
#include "Pairs.h"

#if defined(__cplusplus)
extern "C" {
#endif

/// The loops of exact search: inner products, the best k of them, checksums, checks of input.
///
/// Every kernel adds in the same order: element i of a row goes to lane i mod 16, a last group that is
/// not whole is filled up with zeros, products are rounded before they are added (no fused operations),
/// and the sixteen lanes are folded by 8, 4, 2 and 1. So the answers of all instruction sets are equal
/// bit for bit, whether one probe is compared or several, in whatever batch a row is read.
///
/// Rows are read as bytes: they need no alignment. Nothing here allocates or locks, and every function
/// may be called from many threads at once on different heaps.

/// Inner products of one probe with `count` rows that lie one behind the other.
typedef void (*csk_rows_function)(
    const float *_Nonnull probe, const void *_Nonnull rows, size_t count, size_t dimension, float *_Nonnull out);

/// Inner products of four probes with `count` rows: out[p * stride + row].
typedef void (*csk_block_function)(
    const float *_Nonnull const *_Nonnull probes, const void *_Nonnull rows, size_t count, size_t dimension,
    float *_Nonnull out, size_t stride);

/// The loops of one instruction set.
typedef struct {
    const char *_Nonnull name;
    csk_rows_function _Nonnull rows;
    csk_block_function _Nonnull block;
    const csk_code_kernel *_Nonnull codes;
    csk_pairs_function _Nonnull pairs;
} csk_kernel;

/// The kernel called `name` ("portable", "avx2", "avx512"), or NULL if this processor cannot run it or
/// there is none of that name.
const csk_kernel *_Nullable csk_kernel_named(const char *_Nonnull name);

/// The kernel that FACEGALLERY_KERNEL names, or without it the widest this processor runs. NULL if
/// FACEGALLERY_KERNEL names one that does not exist or cannot run here.
const csk_kernel *_Nullable csk_kernel_chosen(void);

/// The best `capacity` candidates seen, as a heap with the worst at its root. The arrays belong to the
/// caller and hold `capacity` entries each; capacity is at least 1.
typedef struct {
    float *_Nonnull similarities;
    int64_t *_Nonnull ids;
    size_t capacity;
    size_t count;
    /// The highest similarity ever kept; begin with minus infinity.
    float best;
} csk_heap;

/// Offers one candidate; it is kept if the heap is not full or it beats the worst (higher similarity, or
/// the same with a lower id). A NaN is never kept.
void csk_heap_offer(csk_heap *_Nonnull heap, float similarity, int64_t id);

/// Orders the entries best first. After this the heap is a list: offer nothing more.
void csk_heap_sort(csk_heap *_Nonnull heap);

/// Compares `probe_count` probes with `count` rows and offers every row to every probe's heap.
///
/// `ids` are `count` 64-bit integers without alignment. Row r is skipped if bit `first_bit + r` of
/// `removed` is set; `removed` may be NULL.
void csk_scan(
    const csk_kernel *_Nonnull kernel, const float *_Nonnull const *_Nonnull probes,
    csk_heap *_Nonnull const *_Nonnull heaps, size_t probe_count, const void *_Nonnull rows,
    const void *_Nonnull ids, size_t count, size_t dimension, const uint64_t *_Nullable removed,
    size_t first_bit);

/// CRC-32C (Castagnoli, as in iSCSI) of `count` bytes, continued from `crc`; start with 0.
uint32_t csk_crc32c(uint32_t crc, const void *_Nullable bytes, size_t count);

/// The same by table, for processors without the instruction and for tests.
uint32_t csk_crc32c_portable(uint32_t crc, const void *_Nullable bytes, size_t count);

typedef enum : int32_t { csk_rows_good = 0, csk_row_not_finite = 1, csk_row_not_unit = 2 } csk_rows_verdict;

/// Whether `count` rows are finite and of length 1 within `tolerance`; if not, which is the first that
/// is not and its length.
csk_rows_verdict csk_check_rows(
    const float *_Nonnull rows, size_t count, size_t dimension, double tolerance, size_t *_Nonnull bad_row,
    double *_Nonnull length);

/// Whether all numbers are from `least` to `greatest`, which none is that is a NaN or infinite.
int csk_are_within(const float *_Nonnull numbers, size_t count, float least, float greatest);

/// How many ids are not above the one before them, and the least and greatest: 0 in `disorder` means
/// that the ids ascend strictly and none occurs twice.
void csk_survey_ids(
    const int64_t *_Nonnull ids, size_t count, size_t *_Nonnull disorder, int64_t *_Nonnull least,
    int64_t *_Nonnull greatest);

/// Row `own` turned until its similarity to itself is `similarity`, in the direction of the alternating sum
/// of `others`; unit length, into `out`.
void csk_move_row(
    const float *_Nonnull rows, size_t own, const size_t *_Nonnull others, size_t other_count,
    size_t dimension, double similarity, float *_Nonnull out);

/// Row `own` and `share` times row `other`, as a unit vector, into `out`.
void csk_mix_rows(
    const float *_Nonnull rows, size_t own, size_t other, size_t dimension, double share,
    float *_Nonnull out);

#if defined(__cplusplus)
}
#endif
