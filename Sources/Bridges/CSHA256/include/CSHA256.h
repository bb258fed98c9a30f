// The one step of SHA-256 that processors have instructions for.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Whether this processor has the instructions; `csha256_compress` may be called only then.
bool csha256_available(void);

/// Folds blocks of 64 bytes into a state of 8 words. `constants` are the 64 of FIPS 180-4, section 4.2.2.
void csha256_compress(uint32_t *_Nonnull state, const uint32_t *_Nonnull constants, const uint8_t *_Nonnull data,
                      size_t blocks);

#ifdef __cplusplus
}
#endif
