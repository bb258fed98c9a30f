#pragma once

#include <stddef.h>

/// How many blocks of memory this thread has asked for since it began.
///
/// Counted only where these functions stand in for those of the C library: not under a sanitizer, which has its own.
size_t ctest_allocations(void);
