#pragma once

#include <string>

#include "COnnxRead.h"
#include "Internal.h"

namespace conx {
// Bytes of one value of a type; 0 for types that this reader does not take.
size_t width(int32_t type);

// Why a model is not taken; empty for one that is.
std::string fault(const onnx::ModelProto &model, const conx_limits &limits);
}  // namespace conx
