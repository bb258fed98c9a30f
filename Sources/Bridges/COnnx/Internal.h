#pragma once

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

#include "COnnx.h"

// How Debian builds libonnx, and so how its headers must be read.
#define ONNX_NAMESPACE onnx
#define ONNX_ML 1
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

namespace conx {
inline void tell(const char *text, char *message, size_t capacity) {
    if (capacity == 0) return;
    const size_t length = std::min(std::strcspn(text, "\r\n"), capacity - 1);
    std::memcpy(message, text, length);
    message[length] = 0;
}

// Runs `work`, and turns whatever it throws into a status.
template <typename Work>
conx_status guarded(char *message, size_t capacity, Work work) {
    try {
        return work();
    } catch (const std::bad_alloc &) {
        tell("out of memory", message, capacity);
        return CONX_NO_MEMORY;
    } catch (const onnx::checker::ValidationError &error) {
        tell(error.what(), message, capacity);
        return CONX_INVALID;
    } catch (const std::exception &error) {
        tell(error.what(), message, capacity);
        return CONX_FAILED;
    } catch (...) {
        tell("an unknown exception", message, capacity);
        return CONX_FAILED;
    }
}
}  // namespace conx
