#pragma once

#include <cstdio>
#include <exception>
#include <new>

#include "CFaiss.h"

// Debian's gomp and OpenBLAS; their headers are not needed for two functions.
extern "C" void omp_set_num_threads(int threads);
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
template <typename Body>
cfaiss_status guarded(cfaiss_message *message, Body body) noexcept {
    message->text[0] = 0;
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return fail(message, cfaiss_failed, "out of memory");
    } catch (const std::exception &error) {
        return fail(message, cfaiss_failed, error.what());
    } catch (...) {
        return fail(message, cfaiss_failed, "an unknown C++ exception");
    }
}

inline void use_threads(int32_t threads) {
    omp_set_num_threads(threads);
    openblas_set_num_threads(threads);
}

}  // namespace bridge
