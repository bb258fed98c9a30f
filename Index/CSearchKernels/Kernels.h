#pragma once

#include "CSearchKernels.h"
#include "CompactCodes.h"

enum { csk_lanes = 16, csk_group = 4 };

/// Bit by bit; best where few bits are set.
static inline size_t csk_pick_bits(const uint64_t *masks, size_t block_count, uint32_t first, uint32_t *out) {
    size_t count = 0;
    for (size_t b = 0; b < block_count; b++)
        for (uint64_t mask = masks[b]; mask != 0; mask &= mask - 1)
            out[count++] = first + (uint32_t)(b * csk_block_faces) + (uint32_t)__builtin_ctzll(mask);
    return count;
}

extern const csk_kernel csk_portable;
extern const csk_code_kernel csk_codes_portable;
size_t csk_pairs_portable(
    const int8_t *tile, const int32_t *row_sums, const int32_t *row_starts, const uint8_t *columns,
    const int32_t *column_starts, size_t width, size_t column_tiles, uint32_t *hits);

#if defined(__x86_64__)
extern const csk_kernel csk_avx2;
extern const csk_kernel csk_avx512;
extern const csk_code_kernel csk_codes_avx2;
extern const csk_code_kernel csk_codes_avx512;
size_t csk_pairs_avx2(
    const int8_t *tile, const int32_t *row_sums, const int32_t *row_starts, const uint8_t *columns,
    const int32_t *column_starts, size_t width, size_t column_tiles, uint32_t *hits);
size_t csk_pairs_avx512(
    const int8_t *tile, const int32_t *row_sums, const int32_t *row_starts, const uint8_t *columns,
    const int32_t *column_starts, size_t width, size_t column_tiles, uint32_t *hits);
#endif
