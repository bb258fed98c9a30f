#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// One piece of work of several; must return, and neither throw nor exit the thread.
typedef void (*csk_piece_function)(void *_Nullable context, size_t number);

/// Runs pieces 0 … count − 1, each once, at most `count` of them at a time; returns when all are done.
///
/// This thread takes part. If the system gives fewer threads (a limit on processes, no memory for a stack), those that
/// there are do the work of all. Signals are left to the threads of the caller.
void csk_in_parallel(size_t count, csk_piece_function _Nonnull piece, void *_Nullable context);

/// For tests of debug builds: makes every request for a thread from number `first` (0 is the next) on fail; a number
/// below 0 lets all succeed. Returns how many requests there were since the last call.
int64_t csk_refuse_threads(int64_t first);

#if defined(__cplusplus)
}
#endif
