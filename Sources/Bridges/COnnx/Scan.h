#pragma once

#include <cstddef>
#include <cstdint>

// Walks the encoding of an ONNX model without building anything, and counts the parts that would be built.
//
// A protocol buffer can name an empty part in two bytes, for which the reader allocates a hundred times as much; this
// bounds that before any of it happens.
//
// Returns false where the bytes are no model, or have more than `limit` parts; `reason` says which then.
bool conx_scan(const uint8_t *bytes, size_t count, size_t limit, const char **reason);
