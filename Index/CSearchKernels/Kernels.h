#pragma once

#include "CSearchKernels.h"

enum { csk_lanes = 16, csk_group = 4 };

extern const csk_kernel csk_portable;

#if defined(__x86_64__)
extern const csk_kernel csk_avx2;
extern const csk_kernel csk_avx512;
#endif
