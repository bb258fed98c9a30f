#include <string.h>

#include "CSearchKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The Castagnoli polynomial, lowest bit first.
enum : uint32_t { polynomial = 0x82F63B78u };

uint32_t csk_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ ((value & 1) ? polynomial : 0);
        table[i] = value;
    }
    const unsigned char *at = bytes;
    crc = ~crc;
    while (count-- > 0) crc = crc >> 8 ^ table[(crc ^ *at++) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    uint64_t sum = (uint32_t)~crc;
    for (; count >= sizeof sum; count -= sizeof sum, at += sizeof sum) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    uint32_t narrow = (uint32_t)sum;
    while (count-- > 0) narrow = _mm_crc32_u8(narrow, *at++);
    return ~narrow;
}
#endif

uint32_t csk_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2")) return by_instruction(crc, bytes, count);
#endif
    return csk_crc32c_portable(crc, bytes, count);
}
