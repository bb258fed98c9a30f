#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2"
#define AVX512 __attribute__((target(TARGET)))
#define INLINE __attribute__((target(TARGET), always_inline)) static inline

// Eight rows by three tiles of columns: 24 sums, three columns and a row's four numbers fill 28 of 32 registers, and
// each load serves eight or three products.
enum { rows_at_once = 8, tiles_at_once = 3 };

INLINE __m512i load(const void *at) { return _mm512_loadu_si512(at); }

INLINE size_t collect(
    const __m512i *sums, size_t tiles, size_t first_tile, size_t first_row, uint32_t *hits, size_t count) {
    for (size_t t = 0; t < tiles; t++)
        for (size_t r = 0; r < rows_at_once; r++) {
            const __m512i zero = _mm512_setzero_si512();
            unsigned mask = _mm512_cmpge_epi32_mask(sums[t * rows_at_once + r], zero);
            for (; mask != 0; mask &= mask - 1) {
                const size_t column = (first_tile + t) * csk_tile_rows + (size_t)__builtin_ctz(mask);
                hits[count++] = (uint32_t)(column * csk_tile_rows + first_row + r);
            }
        }
    return count;
}

INLINE size_t compare(
    const int8_t *tile, const int32_t *starts, const uint8_t *columns, const int32_t *column_starts, size_t width,
    size_t tiles, size_t first_tile, size_t first_row, uint32_t *hits, size_t count) {
    __m512i sums[tiles_at_once * rows_at_once];
    for (size_t t = 0; t < tiles; t++) {
        const __m512i start = load(column_starts + (first_tile + t) * csk_tile_rows);
        for (size_t r = 0; r < rows_at_once; r++)
            sums[t * rows_at_once + r] = _mm512_add_epi32(start, _mm512_set1_epi32(starts[first_row + r]));
    }
    const uint8_t *column = columns + first_tile * width * csk_tile_rows;
    for (size_t i = 0; i < width; i += 4) {
        __m512i numbers[tiles_at_once];
        for (size_t t = 0; t < tiles; t++) numbers[t] = load(column + (t * width + i) * csk_tile_rows);
        for (size_t r = 0; r < rows_at_once; r++) {
            int32_t four;
            __builtin_memcpy(&four, tile + i * csk_tile_rows + 4 * (first_row + r), 4);
            const __m512i row = _mm512_set1_epi32(four);
            for (size_t t = 0; t < tiles; t++)
                sums[t * rows_at_once + r] = _mm512_dpbusd_epi32(sums[t * rows_at_once + r], numbers[t], row);
        }
    }
    // Nearly always all are below zero, as one AND of them tells.
    __m512i all = sums[0];
    for (size_t s = 1; s < tiles * rows_at_once; s++) all = _mm512_and_si512(all, sums[s]);
    if (_mm512_movepi32_mask(all) == 0xFFFF) return count;
    return collect(sums, tiles, first_tile, first_row, hits, count);
}

AVX512 size_t csk_pairs_avx512(
    const int8_t *tile, const int32_t *row_sums, const int32_t *row_starts, const uint8_t *columns,
    const int32_t *column_starts, size_t width, size_t column_tiles, uint32_t *hits) {
    int32_t starts[csk_tile_rows];
    for (size_t r = 0; r < csk_tile_rows; r++) starts[r] = row_starts[r] - 128 * row_sums[r];
    size_t count = 0, t = 0;
    for (; t + tiles_at_once <= column_tiles; t += tiles_at_once)
        for (size_t first = 0; first < csk_tile_rows; first += rows_at_once)
            count = compare(
                tile, starts, columns, column_starts, width, tiles_at_once, t, first, hits, count);
    for (; t < column_tiles; t++)
        for (size_t first = 0; first < csk_tile_rows; first += rows_at_once)
            count = compare(tile, starts, columns, column_starts, width, 1, t, first, hits, count);
    return count;
}
#endif
