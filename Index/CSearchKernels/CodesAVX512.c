#include <math.h>

#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define TARGET "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vnni,avx2"
#define AVX512 __attribute__((target(TARGET)))
#define INLINE __attribute__((target(TARGET), always_inline)) static inline

INLINE __m512i load(const void *at) { return _mm512_loadu_si512(at); }

INLINE __m512i with(__m512i sums, __m512i codes, __m512i table) {
    // The two bits above the six of a code are not looked at.
    return _mm512_adds_epu8(sums, _mm512_permutexvar_epi8(codes, table));
}

// The sub-space that stands in the top bits of three planes: bits 0-1, 2-3 and 4-5 from each.
INLINE __m512i spread(__m512i a, __m512i b, __m512i c) {
    const __m512i two = _mm512_set1_epi8(3), four = _mm512_set1_epi8(15);
    const __m512i low = _mm512_ternarylogic_epi64(two, _mm512_srli_epi16(a, 6), _mm512_srli_epi16(b, 4), 0xCA);
    return _mm512_ternarylogic_epi64(four, low, _mm512_srli_epi16(c, 2), 0xCA);
}

// Sixteen planes, two sums, so that one look-up need not wait for the addition of the one before.
#define THREE(n, A, B)                                                                      \
    {                                                                                       \
        const __m512i a = load(planes + (3 * n) * 64), b = load(planes + (3 * n + 1) * 64); \
        const __m512i c = load(planes + (3 * n + 2) * 64);                                  \
        A = with(A, a, tables[3 * n]), B = with(B, b, tables[3 * n + 1]);                   \
        A = with(A, c, tables[3 * n + 2]), B = with(B, spread(a, b, c), tables[16 + n]);    \
    }

INLINE void add_group(const uint8_t *planes, const __m512i *tables, __m512i *first, __m512i *second) {
    __m512i A = *first, B = *second;
    THREE(0, A, B)
    THREE(1, B, A)
    THREE(2, A, B)
    THREE(3, B, A)
    THREE(4, A, B)
    *first = with(A, load(planes + 15 * 64), tables[15]), *second = B;
}

AVX512 static void scan_avx512(
    const uint8_t *blocks, size_t block_count, size_t groups, const uint8_t *costs, uint32_t cutoff,
    uint64_t *masks) {
    const __m512i most = _mm512_set1_epi8((char)cutoff);
    __m512i tables[csk_group_codes];
    if (groups == 1) {
        // Read once, so that all 21 stay in registers over all blocks.
        for (size_t t = 0; t < csk_group_codes; t++) tables[t] = load(costs + t * csk_code_values);
        for (size_t b = 0; b < block_count; b++) {
            __m512i first = _mm512_setzero_si512(), second = first;
            add_group(blocks + b * csk_group_bytes, tables, &first, &second);
            masks[b] = _mm512_cmple_epu8_mask(_mm512_adds_epu8(first, second), most);
        }
        return;
    }
    for (size_t b = 0; b < block_count; b++) {
        __m512i first = _mm512_setzero_si512(), second = first;
        for (size_t g = 0; g < groups; g++) {
            for (size_t t = 0; t < csk_group_codes; t++)
                tables[t] = load(costs + (g * csk_group_codes + t) * csk_code_values);
            add_group(blocks + (b * groups + g) * csk_group_bytes, tables, &first, &second);
        }
        masks[b] = _mm512_cmple_epu8_mask(_mm512_adds_epu8(first, second), most);
    }
}

// Four sums of sixteen lanes each, added up.
INLINE __m128i four_sums(__m512i a, __m512i b, __m512i c, __m512i d) {
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    const __m512i abcd = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i eight =
        _mm256_add_epi32(_mm512_castsi512_si256(abcd), _mm512_extracti64x4_epi64(abcd, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
}

INLINE void store_sixteen(uint32_t *to, __m128i places, __m512i base) {
    _mm512_storeu_si512(to, _mm512_add_epi32(_mm512_cvtepu8_epi32(places), base));
}

// The places of a block's bits are squeezed together as bytes, which is one step for all 64, and widened sixteen at a
// time: mostly once.
AVX512 static size_t pick_avx512(const uint64_t *masks, size_t block_count, uint32_t first, uint32_t *out) {
    uint8_t counted[csk_block_faces];
    for (int place = 0; place < csk_block_faces; place++) counted[place] = (uint8_t)place;
    const __m512i ascending = load(counted);
    uint32_t *to = out;
    for (size_t b = 0; b < block_count; b++) {
        const uint64_t mask = masks[b];
        if (mask == 0) continue;
        const __m512i places = _mm512_maskz_compress_epi8(mask, ascending);
        const __m512i base = _mm512_set1_epi32((int32_t)(first + (uint32_t)(b * csk_block_faces)));
        const int count = __builtin_popcountll(mask);
        store_sixteen(to, _mm512_castsi512_si128(places), base);
        if (count > 16) {
            store_sixteen(to + 16, _mm512_extracti32x4_epi32(places, 1), base);
            if (count > 32) store_sixteen(to + 32, _mm512_extracti32x4_epi32(places, 2), base);
            if (count > 48) store_sixteen(to + 48, _mm512_extracti32x4_epi32(places, 3), base);
        }
        to += count;
    }
    return (size_t)(to - out);
}

INLINE __m512i products(__m512i sums, const uint8_t *row, __m512i probe) {
    return _mm512_dpbusd_epi32(sums, load(row), probe);
}

INLINE const uint8_t *row_at(const uint8_t *rows, size_t dimension, const uint32_t *which, size_t r) {
    return rows + (which != NULL ? which[r] : r) * dimension;
}

// Four rows at a time, whole groups of 64 numbers; behind the last row it is taken again.
INLINE void dots_of_lines(
    const int8_t *probe, const uint8_t *rows, size_t lines, const uint32_t *which, size_t count, int32_t *out) {
    const size_t dimension = 64 * lines, last = count - 1;
    for (size_t r = 0; r < count; r += 4) {
        const uint8_t *p = row_at(rows, dimension, which, r);
        const uint8_t *q = row_at(rows, dimension, which, r + 1 < last ? r + 1 : last);
        const uint8_t *s = row_at(rows, dimension, which, r + 2 < last ? r + 2 : last);
        const uint8_t *t = row_at(rows, dimension, which, r + 3 < last ? r + 3 : last);
        __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
        for (size_t l = 0; l < lines; l++) {
            const __m512i numbers = load(probe + 64 * l);
            a = products(a, p + 64 * l, numbers), b = products(b, q + 64 * l, numbers);
            c = products(c, s + 64 * l, numbers), d = products(d, t + 64 * l, numbers);
        }
        const __m128i sums = four_sums(a, b, c, d);
        if (r + 4 <= count) _mm_storeu_si128((void *)(out + r), sums);
        else _mm_mask_storeu_epi32(out + r, (__mmask8)((1 << (count - r)) - 1), sums);
    }
}

INLINE __mmask64 mask_at(size_t i, size_t dimension) {
    const size_t left = dimension - i;
    return left >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << left) - 1;
}

AVX512 static void dots_avx512(
    const int8_t *probe, const uint8_t *rows, size_t dimension, const uint32_t *which, size_t count,
    int32_t *out) {
    if (count == 0) return;
    // What most networks give: the compiler unrolls it and keeps the probe in registers.
    if (dimension == 128) {
        dots_of_lines(probe, rows, 2, which, count, out);
        return;
    }
    if (dimension % 64 == 0) {
        dots_of_lines(probe, rows, dimension / 64, which, count, out);
        return;
    }
    for (size_t r = 0; r < count; r++) {
        const uint8_t *row = row_at(rows, dimension, which, r);
        __m512i sum = _mm512_setzero_si512();
        for (size_t i = 0; i < dimension; i += 64) {
            const __mmask64 mask = mask_at(i, dimension);
            sum = _mm512_dpbusd_epi32(
                sum, _mm512_maskz_loadu_epi8(mask, row + i), _mm512_maskz_loadu_epi8(mask, probe + i));
        }
        out[r] = _mm512_reduce_add_epi32(sum);
    }
}

AVX512 static void accumulate_avx512(float weight, const float *values, float *sums) {
    const __m512 by = _mm512_set1_ps(weight);
    for (size_t v = 0; v < csk_code_values; v += 16)
        _mm512_storeu_ps(
            sums + v, _mm512_add_ps(_mm512_loadu_ps(sums + v), _mm512_mul_ps(by, _mm512_loadu_ps(values + v))));
}

AVX512 static void costs_avx512(const float *values, float top, float inverse_step, uint8_t *costs) {
    const __m512 highest = _mm512_set1_ps(top), by = _mm512_set1_ps(inverse_step), most = _mm512_set1_ps(255);
    for (size_t v = 0; v < csk_code_values; v += 16) {
        const __m512 cost = _mm512_mul_ps(_mm512_sub_ps(highest, _mm512_loadu_ps(values + v)), by);
        const __m512i whole = _mm512_cvtps_epi32(_mm512_min_ps(cost, most));
        _mm_storeu_si128((void *)(costs + v), _mm512_cvtepi32_epi8(whole));
    }
}

// Eight rows by sixteen centres a turn: eight sums in registers, and every load of centres serves eight rows.
enum { rows_at_once = 8 };

INLINE void best_of_tiles(
    const uint8_t *const *rows, const float *scales, size_t width, const int8_t *centres, const int32_t *offsets,
    const float *biases, size_t tiles, uint32_t *best) {
    __m512 highest[rows_at_once];
    __m512i where[rows_at_once];
    for (int r = 0; r < rows_at_once; r++)
        highest[r] = _mm512_set1_ps(-INFINITY), where[r] = _mm512_setzero_si512();
    for (size_t t = 0; t < tiles; t++) {
        __m512i sums[rows_at_once];
        for (int r = 0; r < rows_at_once; r++) sums[r] = _mm512_setzero_si512();
        const int8_t *tile = centres + t * width * 16;
        for (size_t i = 0; i < width; i += 4) {
            const __m512i c = load(tile + i * 16);
            for (int r = 0; r < rows_at_once; r++) {
                int32_t four;
                __builtin_memcpy(&four, rows[r] + i, 4);
                sums[r] = _mm512_dpbusd_epi32(sums[r], _mm512_set1_epi32(four), c);
            }
        }
        const __m512i off = load(offsets + t * 16), here = _mm512_set1_epi32((int32_t)t);
        const __m512 bias = _mm512_loadu_ps(biases + t * 16);
        for (int r = 0; r < rows_at_once; r++) {
            const __m512 score = _mm512_add_ps(
                _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sums[r], off)), _mm512_set1_ps(scales[r])), bias);
            const __mmask16 better = _mm512_cmp_ps_mask(score, highest[r], _CMP_GT_OQ);
            highest[r] = _mm512_mask_mov_ps(highest[r], better, score);
            where[r] = _mm512_mask_mov_epi32(where[r], better, here);
        }
    }
    for (int r = 0; r < rows_at_once; r++) {
        float scores[16];
        uint32_t tile_of[16];
        _mm512_storeu_ps(scores, highest[r]);
        _mm512_storeu_si512(tile_of, where[r]);
        uint32_t winner = tile_of[0] * 16;
        float score = scores[0];
        for (uint32_t c = 1; c < 16; c++) {
            const uint32_t centre = tile_of[c] * 16 + c;
            if (scores[c] > score || (scores[c] == score && centre < winner)) score = scores[c], winner = centre;
        }
        best[r] = score == -INFINITY ? 0 : winner;
    }
}

AVX512 static void nearest_avx512(
    const uint8_t *rows, const float *scales, size_t count, size_t width, const int8_t *centres,
    const int32_t *offsets, const float *biases, size_t tiles, uint32_t *best) {
    for (size_t r = 0; r < count; r += rows_at_once) {
        const uint8_t *at[rows_at_once];
        float scale[rows_at_once];
        uint32_t found[rows_at_once];
        for (size_t n = 0; n < rows_at_once; n++) {
            const size_t row = r + n < count ? r + n : count - 1;
            at[n] = rows + row * width, scale[n] = scales[row];
        }
        best_of_tiles(at, scale, width, centres, offsets, biases, tiles, found);
        for (size_t n = 0; n < rows_at_once && r + n < count; n++) best[r + n] = found[n];
    }
}

const csk_code_kernel csk_codes_avx512 = {
    scan_avx512, pick_avx512, dots_avx512, accumulate_avx512, costs_avx512, nearest_avx512};
#endif
