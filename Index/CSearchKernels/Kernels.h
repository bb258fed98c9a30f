#pragma once

#include "CSearchKernels.h"
#include "CompactCodes.h"

enum { csk_lanes = 16, csk_group = 4 };

extern const csk_kernel csk_portable;
extern const csk_code_kernel csk_codes_portable;

#if defined(__x86_64__)
extern const csk_kernel csk_avx2;
extern const csk_kernel csk_avx512;
extern const csk_code_kernel csk_codes_avx2;
extern const csk_code_kernel csk_codes_avx512;
#endif
