// Writes ONNX models (COnnxRead.h reads them): a builder that takes tensors and nodes one after the other, onnx's own checker, and the
// bytes of the file. No C++ exception leaves these functions. One builder belongs to one thread at a time.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum conx_status : int32_t {
    CONX_OK = 0,
    // onnx's checker refused the model; the message is its own first line.
    CONX_INVALID = 1,
    CONX_NO_MEMORY = 2,
    // Protocol buffers end at 2 GiB.
    CONX_TOO_LARGE = 3,
    CONX_FAILED = 4,
} conx_status;

typedef struct conx_builder conx_builder;

// In every function below: on failure one line of at most `capacity - 1` bytes is put in `message`. Text is
// copied, and so are arrays.

// A model of operator set `opset` with one graph.
conx_status conx_new(const char *_Nonnull graph, int64_t opset, conx_builder *_Nullable *_Nonnull out,
                     char *_Nonnull message, size_t capacity);
void conx_free(conx_builder *_Nonnull builder);

// A line about the model that readers may show.
conx_status conx_describe(conx_builder *_Nonnull builder, const char *_Nonnull key, const char *_Nonnull text,
                          char *_Nonnull message, size_t capacity);

// The graph's float32 inputs and outputs; a size below 1 is free, and called N.
conx_status conx_input(conx_builder *_Nonnull builder, const char *_Nonnull name, const int64_t *_Nonnull shape,
                       size_t rank, char *_Nonnull message, size_t capacity);
conx_status conx_output(conx_builder *_Nonnull builder, const char *_Nonnull name, const int64_t *_Nonnull shape,
                        size_t rank, char *_Nonnull message, size_t capacity);

// Constants: `count` values, row-major, the product of `shape`.
conx_status conx_floats(conx_builder *_Nonnull builder, const char *_Nonnull name, const int64_t *_Nonnull shape,
                        size_t rank, const float *_Nonnull values, size_t count, char *_Nonnull message,
                        size_t capacity);
// The same of float16 numbers, each as its 16 bits.
conx_status conx_halves(conx_builder *_Nonnull builder, const char *_Nonnull name, const int64_t *_Nonnull shape,
                        size_t rank, const uint16_t *_Nonnull values, size_t count, char *_Nonnull message,
                        size_t capacity);
conx_status conx_integers(conx_builder *_Nonnull builder, const char *_Nonnull name, const int64_t *_Nonnull values,
                          size_t count, char *_Nonnull message, size_t capacity);

// A node behind those before it, with one output; inputs and attributes are added to the last node.
conx_status conx_node(conx_builder *_Nonnull builder, const char *_Nonnull operation, const char *_Nonnull name,
                      const char *_Nonnull output, char *_Nonnull message, size_t capacity);
conx_status conx_node_input(conx_builder *_Nonnull builder, const char *_Nonnull value, char *_Nonnull message,
                            size_t capacity);
conx_status conx_node_integer(conx_builder *_Nonnull builder, const char *_Nonnull key, int64_t value,
                              char *_Nonnull message, size_t capacity);
conx_status conx_node_integers(conx_builder *_Nonnull builder, const char *_Nonnull key,
                               const int64_t *_Nonnull values, size_t count, char *_Nonnull message,
                               size_t capacity);
conx_status conx_node_float(conx_builder *_Nonnull builder, const char *_Nonnull key, float value,
                            char *_Nonnull message, size_t capacity);

// Checks the model and encodes it. `*bytes` stays valid until the builder is freed.
conx_status conx_encode(conx_builder *_Nonnull builder, const uint8_t *_Nullable *_Nonnull bytes,
                        size_t *_Nonnull count, char *_Nonnull message, size_t capacity);

#ifdef __cplusplus
}
#endif

#include "COnnxRead.h"
