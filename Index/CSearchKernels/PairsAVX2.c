#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define INLINE __attribute__((target("avx2"), always_inline)) static inline
#define AVX2 __attribute__((target("avx2")))

enum { rows_at_once = 4 };

INLINE __m256i load(const void *at) { return _mm256_loadu_si256(at); }

// Eight columns by four numbers. Products of bytes within ±127 fit two by two into sixteen bits.
INLINE __m256i products(__m256i sums, __m256i row, __m256i size, __m256i columns) {
    const __m256i twos = _mm256_maddubs_epi16(size, _mm256_sign_epi8(columns, row));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(twos, _mm256_set1_epi16(1)));
}

AVX2 size_t csk_pairs_avx2(
    const int8_t *tile, const int32_t *row_sums, const int32_t *row_starts, const uint8_t *columns,
    const int32_t *column_starts, size_t width, size_t column_tiles, uint32_t *hits) {
    (void)row_sums;
    const __m256i bias = _mm256_set1_epi8((char)0x80);
    size_t count = 0;
    for (size_t t = 0; t < column_tiles; t++) {
        const uint8_t *column = columns + t * width * csk_tile_rows;
        const __m256i near = load(column_starts + t * csk_tile_rows);
        const __m256i far = load(column_starts + t * csk_tile_rows + 8);
        for (size_t first = 0; first < csk_tile_rows; first += rows_at_once) {
            __m256i low[rows_at_once], high[rows_at_once];
            for (int r = 0; r < rows_at_once; r++) {
                const __m256i start = _mm256_set1_epi32(row_starts[first + (size_t)r]);
                low[r] = _mm256_add_epi32(near, start), high[r] = _mm256_add_epi32(far, start);
            }
            for (size_t i = 0; i < width; i += 4) {
                const __m256i a = _mm256_xor_si256(load(column + i * csk_tile_rows), bias);
                const __m256i b = _mm256_xor_si256(load(column + i * csk_tile_rows + 32), bias);
                for (int r = 0; r < rows_at_once; r++) {
                    int32_t four;
                    __builtin_memcpy(&four, tile + i * csk_tile_rows + 4 * (first + (size_t)r), 4);
                    const __m256i row = _mm256_set1_epi32(four), size = _mm256_abs_epi8(row);
                    low[r] = products(low[r], row, size, a);
                    high[r] = products(high[r], row, size, b);
                }
            }
            for (int r = 0; r < rows_at_once; r++) {
                const int below = _mm256_movemask_ps(_mm256_castsi256_ps(low[r]))
                                  | _mm256_movemask_ps(_mm256_castsi256_ps(high[r])) << 8;
                for (int mask = ~below & 0xFFFF; mask != 0; mask &= mask - 1) {
                    const size_t c = t * csk_tile_rows + (size_t)__builtin_ctz((unsigned)mask);
                    hits[count++] = (uint32_t)(c * csk_tile_rows + first + (size_t)r);
                }
            }
        }
    }
    return count;
}
#endif
