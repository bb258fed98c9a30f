#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/// The largest of some numbers without their signs.
static inline float csk_largest(const float *numbers, size_t count) {
    // Eight at a time: compilers make vectors of them.
    float most[8] = {0}, all = 0;
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t k = 0; k < 8; k++) {
            const float size = fabsf(numbers[i + k]);
            most[k] = size > most[k] ? size : most[k];
        }
    for (; i < count; i++) all = fabsf(numbers[i]) > all ? fabsf(numbers[i]) : all;
    for (size_t k = 0; k < 8; k++) all = most[k] > all ? most[k] : all;
    return all;
}

/// Numbers in steps, with 128 added; what is beyond 127 steps is cut off.
static inline void csk_to_bytes(const float *numbers, size_t count, float step, uint8_t *bytes) {
    const float inverse = 1 / step;
    // 1.5 · 2²³: floats of its size are whole numbers.
    const float most_whole = 12582912;
    for (size_t i = 0; i < count; i++) {
        float steps = numbers[i] * inverse;
        steps = steps > -127 ? steps : -127;
        steps = steps < 127 ? steps : 127;
        // Rounds to the nearest whole number, halves to even, as rintf does, but without a call for each.
        const float whole = (steps + most_whole) - most_whole;
        bytes[i] = (uint8_t)((int32_t)whole + 128);
    }
}
