#include "Kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma STDC FP_CONTRACT OFF

#define AVX512 __attribute__((target("avx512f,avx2")))
// Also without optimisation: the tests of a debug build run these loops by the billion.
#define INLINE AVX512 __attribute__((always_inline)) static inline

INLINE __m512 load(const char *address, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, address); }

INLINE __mmask16 mask_at(size_t i, size_t dimension) {
    const size_t left = dimension - i;
    return left >= csk_lanes ? (__mmask16)0xFFFF : (__mmask16)((1u << left) - 1);
}

/// Folds four sums at once, each by 8, 4, 2 and 1 as everywhere, and stores them.
INLINE void fold(__m512 a, __m512 b, __m512 c, __m512 d, float *out) {
    const __m512 ab =
        _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE));
    const __m512 cd =
        _mm512_add_ps(_mm512_shuffle_f32x4(c, d, 0x44), _mm512_shuffle_f32x4(c, d, 0xEE));
    __m512 sum =
        _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xDD));
    sum = _mm512_add_ps(sum, _mm512_permute_ps(sum, 0x4E));
    sum = _mm512_add_ps(sum, _mm512_permute_ps(sum, 0xB1));
    _mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_maskz_compress_ps(0x1111, sum)));
}

AVX512 static void rows_avx512(
    const float *probe, const void *rows, size_t count, size_t dimension, float *out) {
    const char *row = rows, *with = (const char *)probe;
    const size_t stride = dimension * sizeof(float);
    size_t r = 0;
    for (; r + csk_group <= count; r += csk_group, row += csk_group * stride) {
        __m512 a = _mm512_setzero_ps(), b = a, c = a, d = a;
        for (size_t i = 0; i < dimension; i += csk_lanes) {
            const __mmask16 mask = mask_at(i, dimension);
            const char *at = row + i * sizeof(float);
            const __m512 p = load(with + i * sizeof(float), mask);
            a = _mm512_add_ps(a, _mm512_mul_ps(p, load(at, mask)));
            b = _mm512_add_ps(b, _mm512_mul_ps(p, load(at + stride, mask)));
            c = _mm512_add_ps(c, _mm512_mul_ps(p, load(at + 2 * stride, mask)));
            d = _mm512_add_ps(d, _mm512_mul_ps(p, load(at + 3 * stride, mask)));
        }
        fold(a, b, c, d, out + r);
    }
    for (; r < count; r++, row += stride) {
        __m512 sum = _mm512_setzero_ps();
        for (size_t i = 0; i < dimension; i += csk_lanes) {
            const __mmask16 mask = mask_at(i, dimension);
            sum = _mm512_add_ps(
                sum, _mm512_mul_ps(load(with + i * sizeof(float), mask), load(row + i * sizeof(float), mask)));
        }
        float folded[csk_group];
        fold(sum, sum, sum, sum, folded);
        out[r] = folded[0];
    }
}

// The four sums of one row with four probes.
#define ADD(sums, x)                                              \
    sums##0 = _mm512_add_ps(sums##0, _mm512_mul_ps(p0, x)), \
    sums##1 = _mm512_add_ps(sums##1, _mm512_mul_ps(p1, x)), \
    sums##2 = _mm512_add_ps(sums##2, _mm512_mul_ps(p2, x)), \
    sums##3 = _mm512_add_ps(sums##3, _mm512_mul_ps(p3, x))

// 4 rows x 4 probes keep 16 sums and 8 operands in the 32 registers: every load serves four products.
AVX512 static void block_avx512(
    const float *const *probes, const void *rows, size_t count, size_t dimension, float *out, size_t stride) {
    const char *row = rows;
    const char *w0 = (const char *)probes[0], *w1 = (const char *)probes[1];
    const char *w2 = (const char *)probes[2], *w3 = (const char *)probes[3];
    const size_t row_bytes = dimension * sizeof(float);
    size_t r = 0;
    for (; r + csk_group <= count; r += csk_group, row += csk_group * row_bytes) {
        __m512 a0 = _mm512_setzero_ps(), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        __m512 c0 = a0, c1 = a0, c2 = a0, c3 = a0, d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        for (size_t i = 0; i < dimension; i += csk_lanes) {
            const __mmask16 mask = mask_at(i, dimension);
            const size_t byte = i * sizeof(float);
            const __m512 p0 = load(w0 + byte, mask), p1 = load(w1 + byte, mask);
            const __m512 p2 = load(w2 + byte, mask), p3 = load(w3 + byte, mask);
            const char *at = row + byte;
            __m512 x = load(at, mask);
            ADD(a, x);
            x = load(at + row_bytes, mask);
            ADD(b, x);
            x = load(at + 2 * row_bytes, mask);
            ADD(c, x);
            x = load(at + 3 * row_bytes, mask);
            ADD(d, x);
        }
        fold(a0, b0, c0, d0, out + r);
        fold(a1, b1, c1, d1, out + stride + r);
        fold(a2, b2, c2, d2, out + 2 * stride + r);
        fold(a3, b3, c3, d3, out + 3 * stride + r);
    }
    for (size_t p = 0; p < csk_group && r < count; p++)
        rows_avx512(probes[p], row, count - r, dimension, out + p * stride + r);
}

const csk_kernel csk_avx512 = {"avx512", rows_avx512, block_avx512, &csk_codes_avx512, csk_pairs_avx512};
#endif
