#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/// The largest of some numbers without their signs.
static inline float csk_largest(const float *numbers, size_t count) {
    float most = 0;
    for (size_t i = 0; i < count; i++) most = fmaxf(most, fabsf(numbers[i]));
    return most;
}

/// Numbers in steps, with 128 added; what is beyond 127 steps is cut off.
static inline void csk_to_bytes(const float *numbers, size_t count, float step, uint8_t *bytes) {
    const float inverse = 1 / step;
    for (size_t i = 0; i < count; i++) {
        const float whole = rintf(fminf(fmaxf(numbers[i] * inverse, -127), 127));
        bytes[i] = (uint8_t)((int32_t)whole + 128);
    }
}
