#include "CSHA256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

bool csha256_available(void) {
    unsigned a, b, c, d;
    const bool sse41 = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1) && (c & bit_SSSE3);
    return sse41 && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

__attribute__((target("sha,sse4.1,ssse3")))
void csha256_compress(uint32_t *state, const uint32_t *constants, const uint8_t *data, size_t blocks) {
    const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    // The instructions want the words a, b, e, f in one register and c, d, g, h in the other, last word first.
    const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    __m128i feba = _mm_alignr_epi8(badc, hgfe, 8);
    __m128i hgdc = _mm_blend_epi16(hgfe, badc, 0xF0);

    for (; blocks > 0; --blocks, data += 64) {
        const __m128i feba_before = feba, hgdc_before = hgdc;
        __m128i words[4];
#pragma clang loop unroll(full)
        for (int four = 0; four < 16; ++four) {
            __m128i *now = &words[four % 4];
            if (four < 4) {
                *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * four)), big_endian);
            } else {
                const __m128i last = words[(four + 3) % 4];
                const __m128i seven_back = _mm_alignr_epi8(last, words[(four + 2) % 4], 4);
                const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*now, words[(four + 1) % 4]), seven_back);
                *now = _mm_sha256msg2_epu32(sum, last);
            }
            const __m128i added = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)(constants + 4 * four)));
            hgdc = _mm_sha256rnds2_epu32(hgdc, feba, added);
            feba = _mm_sha256rnds2_epu32(feba, hgdc, _mm_shuffle_epi32(added, 0x0E));
        }
        feba = _mm_add_epi32(feba, feba_before);
        hgdc = _mm_add_epi32(hgdc, hgdc_before);
    }

    const __m128i abef = _mm_shuffle_epi32(feba, 0x1B);
    const __m128i ghcd = _mm_shuffle_epi32(hgdc, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(abef, ghcd, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(ghcd, abef, 8));
}

#else

bool csha256_available(void) { return false; }

void csha256_compress(uint32_t *state, const uint32_t *constants, const uint8_t *data, size_t blocks) {
    (void)state, (void)constants, (void)data, (void)blocks;
}

#endif
