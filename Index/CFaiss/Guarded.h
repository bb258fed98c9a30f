#pragma once

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "CFaiss.h"
#include "Memory.h"

// Debian's gomp and OpenBLAS; their headers are not needed for three functions.
extern "C" void omp_set_num_threads(int threads);
extern "C" int openblas_get_num_threads(void);
extern "C" void openblas_set_num_threads(int threads);

namespace bridge {

inline cfaiss_status fail(cfaiss_message *message, cfaiss_status status, const char *text) noexcept {
    std::snprintf(message->text, sizeof message->text, "%s", text);
    // One line: FAISS puts the place in its source before a line break.
    for (char *at = message->text; *at != 0; at++)
        if (*at == '\n' || *at == '\r') *at = ' ';
    return status;
}

/// Runs `body` and turns every exception into a status and a message.
///
/// An exception that leaves a thread of its own ends the process before it gets here: `body` makes threads by
/// csk_in_parallel only.
template <typename Body>
cfaiss_status guarded(cfaiss_message *message, Body body) noexcept {
    message->text[0] = 0;
    try {
        if (csk_memory_is_refused()) throw std::bad_alloc();
        return body();
    } catch (const std::bad_alloc &) {
        return fail(message, cfaiss_failed, "out of memory");
    } catch (const std::exception &error) {
        return fail(message, cfaiss_failed, error.what());
    } catch (...) {
        return fail(message, cfaiss_failed, "an unknown C++ exception");
    }
}

/// Lets OpenBLAS use so many threads of those it has.
///
/// gomp ends the process if it cannot make a thread, and OpenBLAS waits for ever for one it could not make. So gomp
/// makes none: the long part of FAISS's k-means, finding the nearest centroids, runs on threads of the kernels. And
/// OpenBLAS makes no more than it made when it was loaded.
inline void use_threads(int32_t threads) {
    static const int made = openblas_get_num_threads();
    omp_set_num_threads(1);
    openblas_set_num_threads(std::max(1, std::min<int>(threads, made)));
}

}  // namespace bridge
