#pragma once

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include "Blas.h"
#include "CFaiss.h"
#include "Memory.h"

// Debian's gomp; its header is not needed for one function.
extern "C" void omp_set_num_threads(int threads);

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

/// Makes FAISS ready to compute on the calling thread alone.
///
/// gomp ends the process if it cannot make a thread. So it makes none: the long part of FAISS's k-means, finding the
/// nearest centroids, runs on threads of the kernels. Throws std::runtime_error where OpenBLAS cannot be loaded.
inline void prepare_faiss() {
    omp_set_num_threads(1);
    load_blas();
}

}  // namespace bridge
