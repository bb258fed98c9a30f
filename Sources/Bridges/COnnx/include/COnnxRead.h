// Reads ONNX models: the bytes of a file become a model whose parts can be looked at. No C++ exception leaves these
// functions. A model never changes once read, so any number of threads may look at it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "COnnx.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct conx_model conx_model;

// What a file may ask of the reader.
typedef struct conx_limits {
    // Parts (nodes, attributes, tensors, names …) of a file; each costs up to about 200 bytes of memory.
    size_t parts;
    // Numbers in one tensor.
    size_t values;
} conx_limits;

// Reads a model from the bytes of a file. CONX_INVALID: the bytes are no ONNX model, or one with parts that this
// reader does not take (external data, sub-graphs, functions, sparse tensors), or one larger than the limits; the
// message says which. The bytes may go once the call is over.
conx_status conx_read(const uint8_t *_Nonnull bytes, size_t count, conx_limits limits,
                      conx_model *_Nullable *_Nonnull out, char *_Nonnull message, size_t capacity);
void conx_model_free(conx_model *_Nonnull model);

// Pointers below stay valid until the model is freed.

typedef struct conx_header {
    int64_t ir_version;
    // Version of the operator set of the default domain.
    int64_t opset;
    const char *_Nonnull producer;
    const char *_Nonnull graph;
    size_t inputs, outputs, initializers, nodes, metadata;
} conx_header;
conx_header conx_model_header(const conx_model *_Nonnull model);

// A line about the model.
typedef struct conx_line {
    const char *_Nonnull key;
    const char *_Nonnull text;
} conx_line;
conx_line conx_model_line(const conx_model *_Nonnull model, size_t index);

// An input or output of the graph.
typedef struct conx_value {
    const char *_Nonnull name;
    // TensorProto.DataType; 0 where it is not a tensor.
    int32_t type;
    // -1 where no shape is given.
    int32_t rank;
} conx_value;
conx_value conx_model_input(const conx_model *_Nonnull model, size_t index);
conx_value conx_model_output(const conx_model *_Nonnull model, size_t index);
// A size of such a value; -1 where the file leaves it open.
int64_t conx_input_size(const conx_model *_Nonnull model, size_t index, size_t axis);
int64_t conx_output_size(const conx_model *_Nonnull model, size_t index, size_t axis);

typedef struct conx_tensor {
    const char *_Nonnull name;
    // TensorProto.DataType.
    int32_t type;
    const int64_t *_Nullable shape;
    size_t rank;
    // The product of the shape.
    size_t count;
    const void *_Nonnull proto;
} conx_tensor;
conx_tensor conx_model_initializer(const conx_model *_Nonnull model, size_t index);

// The values of a tensor of float, double, float16 or bfloat16 as float32.
void conx_floats_of(const conx_tensor *_Nonnull tensor, float *_Nonnull out);
// The values of a tensor of integers or booleans.
void conx_integers_of(const conx_tensor *_Nonnull tensor, int64_t *_Nonnull out);
// The values of a tensor of int8 or uint8, a byte each.
void conx_bytes_of(const conx_tensor *_Nonnull tensor, uint8_t *_Nonnull out);

typedef struct conx_node_view {
    const char *_Nonnull operation;
    const char *_Nonnull name;
    const char *_Nonnull domain;
    size_t inputs, outputs, attributes;
} conx_node_view;
conx_node_view conx_model_node(const conx_model *_Nonnull model, size_t index);
const char *_Nonnull conx_node_input_name(const conx_model *_Nonnull model, size_t node, size_t index);
const char *_Nonnull conx_node_output_name(const conx_model *_Nonnull model, size_t node, size_t index);

typedef struct conx_attribute {
    const char *_Nonnull name;
    // AttributeProto.AttributeType.
    int32_t type;
    int64_t integer;
    float real;
    const char *_Nonnull text;
    const int64_t *_Nullable integers;
    const float *_Nullable reals;
    // Of integers, reals or texts.
    size_t count;
} conx_attribute;
conx_attribute conx_node_attribute(const conx_model *_Nonnull model, size_t node, size_t index);
const char *_Nonnull conx_attribute_text(const conx_model *_Nonnull model, size_t node, size_t index, size_t place);
// Of an attribute of type TENSOR.
conx_tensor conx_attribute_tensor(const conx_model *_Nonnull model, size_t node, size_t index);

// (value - zero point) x scale, with a scale and zero point per block: `shape` is outer x axis x inner, and along the
// axis `block` values share one. `scales` has outer x ceil(axis / block) x inner numbers. With outer_blocked false
// scales do not vary over outer and inner: one each ceil(axis / block). `zeros` may be null.
typedef struct conx_blocks {
    size_t outer, axis, inner, block;
    bool outer_blocked;
} conx_blocks;
void conx_dequantize(const int8_t *_Nullable signed_values, const uint8_t *_Nullable unsigned_values,
                     conx_blocks blocks, const float *_Nonnull scales, const float *_Nullable zeros,
                     float *_Nonnull out);

// Whether no number is infinite or not a number.
bool conx_finite(const float *_Nonnull values, size_t count);

#ifdef __cplusplus
}
#endif
