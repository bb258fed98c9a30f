#include <climits>
#include <string>

#include "Internal.h"

using conx::guarded;
using conx::tell;

struct conx_builder {
    onnx::ModelProto model;
    std::string bytes;
};

namespace {
void declare(onnx::ValueInfoProto *value, const char *name, const int64_t *shape, size_t rank) {
    value->set_name(name);
    auto *type = value->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    for (size_t axis = 0; axis < rank; axis++) {
        auto *size = type->mutable_shape()->add_dim();
        if (shape[axis] > 0) {
            size->set_dim_value(shape[axis]);
        } else {
            size->set_dim_param("N");
        }
    }
}

onnx::TensorProto *constant(conx_builder *builder, const char *name, onnx::TensorProto::DataType type) {
    auto *tensor = builder->model.mutable_graph()->add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    return tensor;
}

template <typename Value>
conx_status numbers(conx_builder *builder, const char *name, onnx::TensorProto::DataType type, const int64_t *shape,
                    size_t rank, const Value *values, size_t count, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        if (count > INT_MAX / sizeof(Value)) {
            tell("a tensor is too large for a protocol buffer", message, capacity);
            return CONX_TOO_LARGE;
        }
        auto *tensor = constant(builder, name, type);
        for (size_t axis = 0; axis < rank; axis++) tensor->add_dims(shape[axis]);
        tensor->set_raw_data(values, count * sizeof(Value));
        return CONX_OK;
    });
}

onnx::AttributeProto *attribute(conx_builder *builder, const char *key, onnx::AttributeProto::AttributeType type) {
    auto *nodes = builder->model.mutable_graph()->mutable_node();
    if (nodes->empty()) throw std::logic_error("an attribute before the first node");
    auto *attribute = nodes->Mutable(nodes->size() - 1)->add_attribute();
    attribute->set_name(key);
    attribute->set_type(type);
    return attribute;
}
}  // namespace

extern "C" {

conx_status conx_new(const char *graph, int64_t opset, conx_builder **out, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        auto *builder = new conx_builder;
        *out = builder;
        // The file version that came with operator set 13.
        builder->model.set_ir_version(7);
        builder->model.set_producer_name("facegallery");
        builder->model.add_opset_import()->set_version(opset);
        builder->model.mutable_graph()->set_name(graph);
        return CONX_OK;
    });
}

void conx_free(conx_builder *builder) { delete builder; }

conx_status conx_describe(conx_builder *builder, const char *key, const char *text, char *message,
                          size_t capacity) {
    return guarded(message, capacity, [&] {
        auto *entry = builder->model.add_metadata_props();
        entry->set_key(key);
        entry->set_value(text);
        return CONX_OK;
    });
}

conx_status conx_input(conx_builder *builder, const char *name, const int64_t *shape, size_t rank, char *message,
                       size_t capacity) {
    return guarded(message, capacity, [&] {
        declare(builder->model.mutable_graph()->add_input(), name, shape, rank);
        return CONX_OK;
    });
}

conx_status conx_output(conx_builder *builder, const char *name, const int64_t *shape, size_t rank, char *message,
                        size_t capacity) {
    return guarded(message, capacity, [&] {
        declare(builder->model.mutable_graph()->add_output(), name, shape, rank);
        return CONX_OK;
    });
}

conx_status conx_floats(conx_builder *builder, const char *name, const int64_t *shape, size_t rank,
                        const float *values, size_t count, char *message, size_t capacity) {
    return numbers(builder, name, onnx::TensorProto::FLOAT, shape, rank, values, count, message, capacity);
}

conx_status conx_halves(conx_builder *builder, const char *name, const int64_t *shape, size_t rank,
                        const uint16_t *values, size_t count, char *message, size_t capacity) {
    return numbers(builder, name, onnx::TensorProto::FLOAT16, shape, rank, values, count, message, capacity);
}

conx_status conx_integers(conx_builder *builder, const char *name, const int64_t *values, size_t count,
                          char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        auto *tensor = constant(builder, name, onnx::TensorProto::INT64);
        tensor->add_dims(static_cast<int64_t>(count));
        for (size_t place = 0; place < count; place++) tensor->add_int64_data(values[place]);
        return CONX_OK;
    });
}

conx_status conx_node(conx_builder *builder, const char *operation, const char *name, const char *output,
                      char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        auto *node = builder->model.mutable_graph()->add_node();
        node->set_op_type(operation);
        node->set_name(name);
        node->add_output(output);
        return CONX_OK;
    });
}

conx_status conx_node_input(conx_builder *builder, const char *value, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        auto *nodes = builder->model.mutable_graph()->mutable_node();
        if (nodes->empty()) throw std::logic_error("an input before the first node");
        nodes->Mutable(nodes->size() - 1)->add_input(value);
        return CONX_OK;
    });
}

conx_status conx_node_integer(conx_builder *builder, const char *key, int64_t value, char *message,
                              size_t capacity) {
    return guarded(message, capacity, [&] {
        attribute(builder, key, onnx::AttributeProto::INT)->set_i(value);
        return CONX_OK;
    });
}

conx_status conx_node_integers(conx_builder *builder, const char *key, const int64_t *values, size_t count,
                               char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        auto *list = attribute(builder, key, onnx::AttributeProto::INTS);
        for (size_t place = 0; place < count; place++) list->add_ints(values[place]);
        return CONX_OK;
    });
}

conx_status conx_node_float(conx_builder *builder, const char *key, float value, char *message,
                            size_t capacity) {
    return guarded(message, capacity, [&] {
        attribute(builder, key, onnx::AttributeProto::FLOAT)->set_f(value);
        return CONX_OK;
    });
}

conx_status conx_encode(conx_builder *builder, const uint8_t **bytes, size_t *count, char *message,
                        size_t capacity) {
    return guarded(message, capacity, [&] {
        if (builder->model.ByteSizeLong() > INT_MAX) {
            tell("the model is larger than the 2 GiB that an ONNX file may have", message, capacity);
            return CONX_TOO_LARGE;
        }
        onnx::checker::check_model(builder->model);
        if (!builder->model.SerializeToString(&builder->bytes)) {
            tell("the model cannot be encoded", message, capacity);
            return CONX_FAILED;
        }
        *bytes = reinterpret_cast<const uint8_t *>(builder->bytes.data());
        *count = builder->bytes.size();
        return CONX_OK;
    });
}
}
