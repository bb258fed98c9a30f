#include <string.h>

#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define AVX2 __attribute__((target("avx2")))

// The sixteen lanes of one sum.
typedef struct { __m256 low, high; } lanes;

AVX2 static inline float fold(lanes sum) {
    __m256 eight = _mm256_add_ps(sum.low, sum.high);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

AVX2 static inline lanes load(const void *address) {
    const char *at = address;
    return (lanes){_mm256_loadu_ps((const float *)(const void *)at),
                   _mm256_loadu_ps((const float *)(const void *)(at + 32))};
}

AVX2 static inline lanes load_rest(const void *address, size_t count) {
    float filled[csk_lanes] = {0};
    memcpy(filled, address, count * sizeof(float));
    return load(filled);
}

AVX2 static inline lanes load_at(const void *row, size_t i, size_t dimension) {
    const char *at = (const char *)row + i * sizeof(float);
    return dimension - i >= csk_lanes ? load(at) : load_rest(at, dimension - i);
}

AVX2 static inline lanes add_products(lanes sum, lanes a, lanes b) {
    return (lanes){_mm256_add_ps(sum.low, _mm256_mul_ps(a.low, b.low)),
                   _mm256_add_ps(sum.high, _mm256_mul_ps(a.high, b.high))};
}

// Two rows by two probes: eight registers of sums, eight of operands.
AVX2 static inline void two_by_two(
    const float *p, const float *q, const char *row, size_t row_bytes, size_t dimension, float *p_out,
    float *q_out) {
    const lanes zero = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    lanes p0 = zero, p1 = zero, q0 = zero, q1 = zero;
    for (size_t i = 0; i < dimension; i += csk_lanes) {
        const lanes x = load_at(row, i, dimension), y = load_at(row + row_bytes, i, dimension);
        const lanes a = load_at(p, i, dimension), b = load_at(q, i, dimension);
        p0 = add_products(p0, a, x), p1 = add_products(p1, a, y);
        q0 = add_products(q0, b, x), q1 = add_products(q1, b, y);
    }
    p_out[0] = fold(p0), p_out[1] = fold(p1), q_out[0] = fold(q0), q_out[1] = fold(q1);
}

AVX2 static void rows_avx2(const float *probe, const void *rows, size_t count, size_t dimension, float *out) {
    const char *row = rows;
    const size_t row_bytes = dimension * sizeof(float);
    const lanes zero = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    size_t r = 0;
    for (; r + 4 <= count; r += 4, row += 4 * row_bytes) {
        lanes a = zero, b = zero, c = zero, d = zero;
        for (size_t i = 0; i < dimension; i += csk_lanes) {
            const lanes p = load_at(probe, i, dimension);
            a = add_products(a, p, load_at(row, i, dimension));
            b = add_products(b, p, load_at(row + row_bytes, i, dimension));
            c = add_products(c, p, load_at(row + 2 * row_bytes, i, dimension));
            d = add_products(d, p, load_at(row + 3 * row_bytes, i, dimension));
        }
        out[r] = fold(a), out[r + 1] = fold(b), out[r + 2] = fold(c), out[r + 3] = fold(d);
    }
    for (; r < count; r++, row += row_bytes) {
        lanes sum = zero;
        for (size_t i = 0; i < dimension; i += csk_lanes)
            sum = add_products(sum, load_at(probe, i, dimension), load_at(row, i, dimension));
        out[r] = fold(sum);
    }
}

AVX2 static void block_avx2(
    const float *const *probes, const void *rows, size_t count, size_t dimension, float *out, size_t stride) {
    const char *row = rows;
    const size_t row_bytes = dimension * sizeof(float);
    size_t r = 0;
    for (; r + 2 <= count; r += 2, row += 2 * row_bytes)
        for (size_t p = 0; p < csk_group; p += 2)
            two_by_two(
                probes[p], probes[p + 1], row, row_bytes, dimension, out + p * stride + r,
                out + (p + 1) * stride + r);
    for (size_t p = 0; p < csk_group && r < count; p++)
        rows_avx2(probes[p], row, count - r, dimension, out + p * stride + r);
}

const csk_kernel csk_avx2 = {"avx2", rows_avx2, block_avx2, &csk_codes_avx2, csk_pairs_avx2};
#endif
