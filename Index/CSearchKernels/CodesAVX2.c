#include <math.h>

#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define INLINE __attribute__((target("avx2"), always_inline)) static inline
#define AVX2 __attribute__((target("avx2")))

INLINE __m256i load(const void *at) { return _mm256_loadu_si256(at); }

// A shuffle picks from sixteen entries, and gives zero where the top bit of the index is set: four of them, each
// with an index that has the top bit set outside its own sixteen, make a table of 64.
INLINE __m256i look_up(const uint8_t *table, __m256i codes) {
    const __m256i beyond = _mm256_set1_epi8(0x70), sixteen = _mm256_set1_epi8(16);
    __m256i found = _mm256_setzero_si256(), at = codes;
    for (int quarter = 0; quarter < 4; quarter++) {
        const __m256i entries = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)(table + 16 * quarter)));
        found = _mm256_or_si256(found, _mm256_shuffle_epi8(entries, _mm256_adds_epu8(at, beyond)));
        at = _mm256_sub_epi8(at, sixteen);
    }
    return found;
}

AVX2 static void scan_avx2(
    const uint8_t *blocks, size_t block_count, size_t groups, const uint8_t *costs, uint32_t cutoff,
    uint64_t *masks) {
    const __m256i low = _mm256_set1_epi8(63), two = _mm256_set1_epi8(3), most = _mm256_set1_epi8((char)cutoff);
    for (size_t b = 0; b < block_count; b++) {
        uint64_t mask = 0;
        for (size_t half = 0; half < 2; half++) {
            __m256i sums = _mm256_setzero_si256();
            for (size_t g = 0; g < groups; g++) {
                const uint8_t *planes = blocks + (b * groups + g) * csk_group_bytes + 32 * half;
                const uint8_t *table = costs + g * csk_group_codes * csk_code_values;
                for (size_t p = 0; p < 16; p++) {
                    const __m256i codes = _mm256_and_si256(load(planes + p * csk_block_faces), low);
                    sums = _mm256_adds_epu8(sums, look_up(table + p * csk_code_values, codes));
                }
                for (size_t i = 0; i < 5; i++) {
                    __m256i codes = _mm256_setzero_si256();
                    for (int part = 2; part >= 0; part--) {
                        const __m256i plane = load(planes + (3 * i + (size_t)part) * csk_block_faces);
                        const __m256i bits = _mm256_and_si256(_mm256_srli_epi16(plane, 6), two);
                        codes = _mm256_or_si256(_mm256_slli_epi16(codes, 2), bits);
                    }
                    sums = _mm256_adds_epu8(sums, look_up(table + (16 + i) * csk_code_values, codes));
                }
            }
            const __m256i kept = _mm256_cmpeq_epi8(_mm256_min_epu8(sums, most), sums);
            mask |= (uint64_t)(uint32_t)_mm256_movemask_epi8(kept) << (32 * half);
        }
        masks[b] = mask;
    }
}

INLINE int32_t sum_of(__m256i sums) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
}

AVX2 static void dots_avx2(
    const int8_t *probe, const uint8_t *rows, size_t dimension, const uint32_t *which, size_t count,
    int32_t *out) {
    for (size_t r = 0; r < count; r++) {
        const uint8_t *row = rows + (which != NULL ? which[r] : r) * dimension;
        __m256i sums = _mm256_setzero_si256();
        size_t i = 0;
        // Sixteen bits each: products of bytes, added in pairs, would not fit into the next smaller instruction.
        for (; i + 16 <= dimension; i += 16) {
            const __m256i a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)(row + i)));
            const __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)(probe + i)));
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
        }
        int32_t sum = sum_of(sums);
        for (; i < dimension; i++) sum += (int32_t)row[i] * probe[i];
        out[r] = sum;
    }
}

AVX2 static void accumulate_avx2(float weight, const float *values, float *sums) {
    const __m256 by = _mm256_set1_ps(weight);
    for (size_t v = 0; v < csk_code_values; v += 8)
        _mm256_storeu_ps(
            sums + v, _mm256_add_ps(_mm256_loadu_ps(sums + v), _mm256_mul_ps(by, _mm256_loadu_ps(values + v))));
}

AVX2 static void costs_avx2(const float *values, float top, float inverse_step, uint8_t *costs) {
    const __m256 highest = _mm256_set1_ps(top), by = _mm256_set1_ps(inverse_step), most = _mm256_set1_ps(255);
    for (size_t v = 0; v < csk_code_values; v += 8) {
        const __m256 cost = _mm256_mul_ps(_mm256_sub_ps(highest, _mm256_loadu_ps(values + v)), by);
        int32_t whole[8];
        _mm256_storeu_si256((void *)whole, _mm256_cvtps_epi32(_mm256_min_ps(cost, most)));
        for (size_t i = 0; i < 8; i++) costs[v + i] = (uint8_t)whole[i];
    }
}

AVX2 static void nearest_avx2(
    const uint8_t *rows, const float *scales, size_t count, size_t width, const int8_t *centres,
    const int32_t *offsets, const float *biases, size_t tiles, uint32_t *best) {
    for (size_t r = 0; r < count; r++) {
        const uint8_t *row = rows + r * width;
        float highest = -INFINITY;
        best[r] = 0;
        for (size_t t = 0; t < tiles; t++) {
            __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                               _mm256_setzero_si256()};
            for (size_t i = 0; i < width; i += 4) {
                const int8_t *tile = centres + t * width * 16 + i * 16;
                const __m256i four = _mm256_set1_epi64x(
                    (int64_t)row[i] | (int64_t)row[i + 1] << 16 | (int64_t)row[i + 2] << 32 | (int64_t)row[i + 3] << 48);
                for (size_t q = 0; q < 4; q++) {
                    const __m256i c = _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)(tile + 16 * q)));
                    sums[q] = _mm256_add_epi32(sums[q], _mm256_madd_epi16(four, c));
                }
            }
            for (size_t c = 0; c < 16; c++) {
                int32_t pairs[8];
                _mm256_storeu_si256((void *)pairs, sums[c / 4]);
                const int32_t sum = pairs[c % 4 * 2] + pairs[c % 4 * 2 + 1];
                const float score = (float)(sum - offsets[t * 16 + c]) * scales[r] + biases[t * 16 + c];
                if (score > highest) highest = score, best[r] = (uint32_t)(t * 16 + c);
            }
        }
    }
}

const csk_code_kernel csk_codes_avx2 = {scan_avx2, csk_pick_bits, dots_avx2, accumulate_avx2, costs_avx2, nearest_avx2};
#endif
