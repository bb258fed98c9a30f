#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define AVX512 __attribute__((target("avx512f,avx2")))

// 4 rows x 4 probes keep 16 sums and 8 operands in the 32 registers: every load serves four products.
typedef struct { __m512 sum[csk_group]; } quad;

AVX512 static inline float fold(__m512 lanes) {
    __m256 eight = _mm256_add_ps(
        _mm512_castps512_ps256(lanes), _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(lanes), 1)));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

AVX512 static inline __m512 load(const float *address, __mmask16 mask) {
    return _mm512_maskz_loadu_ps(mask, address);
}

AVX512 static inline __mmask16 mask_at(size_t i, size_t dimension) {
    size_t left = dimension - i;
    return left >= csk_lanes ? (__mmask16)0xFFFF : (__mmask16)((1u << left) - 1);
}

AVX512 static void rows_avx512(
    const float *probe, const void *rows, size_t count, size_t dimension, float *out) {
    const char *row = rows;
    const size_t stride = dimension * sizeof(float);
    size_t r = 0;
    for (; r + csk_group <= count; r += csk_group, row += csk_group * stride) {
        __m512 a = _mm512_setzero_ps(), b = a, c = a, d = a;
        for (size_t i = 0; i < dimension; i += csk_lanes) {
            const __mmask16 mask = mask_at(i, dimension);
            const __m512 p = load(probe + i, mask);
            const float *at = (const float *)(const void *)(row + i * sizeof(float));
            a = _mm512_add_ps(a, _mm512_mul_ps(p, load(at, mask)));
            at = (const float *)(const void *)((const char *)at + stride);
            b = _mm512_add_ps(b, _mm512_mul_ps(p, load(at, mask)));
            at = (const float *)(const void *)((const char *)at + stride);
            c = _mm512_add_ps(c, _mm512_mul_ps(p, load(at, mask)));
            at = (const float *)(const void *)((const char *)at + stride);
            d = _mm512_add_ps(d, _mm512_mul_ps(p, load(at, mask)));
        }
        out[r] = fold(a), out[r + 1] = fold(b), out[r + 2] = fold(c), out[r + 3] = fold(d);
    }
    for (; r < count; r++, row += stride) {
        __m512 sum = _mm512_setzero_ps();
        for (size_t i = 0; i < dimension; i += csk_lanes) {
            const __mmask16 mask = mask_at(i, dimension);
            const float *at = (const float *)(const void *)(row + i * sizeof(float));
            sum = _mm512_add_ps(sum, _mm512_mul_ps(load(probe + i, mask), load(at, mask)));
        }
        out[r] = fold(sum);
    }
}

AVX512 static inline void add_row(
    quad *row, __m512 x, __m512 p0, __m512 p1, __m512 p2, __m512 p3) {
    row->sum[0] = _mm512_add_ps(row->sum[0], _mm512_mul_ps(p0, x));
    row->sum[1] = _mm512_add_ps(row->sum[1], _mm512_mul_ps(p1, x));
    row->sum[2] = _mm512_add_ps(row->sum[2], _mm512_mul_ps(p2, x));
    row->sum[3] = _mm512_add_ps(row->sum[3], _mm512_mul_ps(p3, x));
}

AVX512 static void block_avx512(
    const float *const *probes, const void *rows, size_t count, size_t dimension, float *out, size_t stride) {
    const char *row = rows;
    const size_t row_bytes = dimension * sizeof(float);
    size_t r = 0;
    for (; r + csk_group <= count; r += csk_group, row += csk_group * row_bytes) {
        const __m512 zero = _mm512_setzero_ps();
        quad a = {{zero, zero, zero, zero}}, b = a, c = a, d = a;
        for (size_t i = 0; i < dimension; i += csk_lanes) {
            const __mmask16 mask = mask_at(i, dimension);
            const __m512 p0 = load(probes[0] + i, mask), p1 = load(probes[1] + i, mask);
            const __m512 p2 = load(probes[2] + i, mask), p3 = load(probes[3] + i, mask);
            const char *at = row + i * sizeof(float);
            add_row(&a, load((const float *)(const void *)at, mask), p0, p1, p2, p3);
            add_row(&b, load((const float *)(const void *)(at + row_bytes), mask), p0, p1, p2, p3);
            add_row(&c, load((const float *)(const void *)(at + 2 * row_bytes), mask), p0, p1, p2, p3);
            add_row(&d, load((const float *)(const void *)(at + 3 * row_bytes), mask), p0, p1, p2, p3);
        }
        for (size_t p = 0; p < csk_group; p++) {
            float *to = out + p * stride + r;
            to[0] = fold(a.sum[p]), to[1] = fold(b.sum[p]), to[2] = fold(c.sum[p]), to[3] = fold(d.sum[p]);
        }
    }
    for (size_t p = 0; p < csk_group && r < count; p++)
        rows_avx512(probes[p], row, count - r, dimension, out + p * stride + r);
}

const csk_kernel csk_avx512 = {"avx512", rows_avx512, block_avx512};
#endif
