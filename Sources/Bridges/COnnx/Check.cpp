#include "Check.h"

namespace conx {
size_t width(int32_t type) {
    using T = onnx::TensorProto;
    switch (type) {
    case T::INT8: case T::UINT8: case T::BOOL: return 1;
    case T::FLOAT16: case T::BFLOAT16: case T::INT16: case T::UINT16: return 2;
    case T::FLOAT: case T::INT32: case T::UINT32: return 4;
    case T::DOUBLE: case T::INT64: case T::UINT64: return 8;
    default: return 0;
    }
}

namespace {
// Numbers in the list that a tensor of this type keeps its values in where it has no raw bytes.
size_t listed(const onnx::TensorProto &tensor) {
    using T = onnx::TensorProto;
    switch (tensor.data_type()) {
    case T::FLOAT: return tensor.float_data_size();
    case T::DOUBLE: return tensor.double_data_size();
    case T::INT64: return tensor.int64_data_size();
    case T::UINT32: case T::UINT64: return tensor.uint64_data_size();
    default: return tensor.int32_data_size();
    }
}

std::string tensorFault(const onnx::TensorProto &tensor, const std::string &name, const conx_limits &limits) {
    const std::string subject = "tensor " + name;
    if (tensor.data_location() != onnx::TensorProto::DEFAULT || tensor.external_data_size() > 0)
        return subject + " lies in another file; put all weights into the model's own";
    if (tensor.has_segment()) return subject + " is cut into segments";
    const size_t bytes = width(tensor.data_type());
    if (bytes == 0)
        return subject + " is of type " + std::to_string(tensor.data_type()) + ", which is not supported";
    if (tensor.dims_size() > 8) return subject + " has " + std::to_string(tensor.dims_size()) + " axes; at most 8 are supported";
    size_t count = 1;
    for (const int64_t size : tensor.dims()) {
        size_t product;
        if (size < 0 || __builtin_mul_overflow(count, static_cast<size_t>(size), &product) ||
            product > limits.values)
            return subject + " has an impossible shape, or one of more than " + std::to_string(limits.values) + " numbers";
        count = product;
    }
    const size_t there = tensor.has_raw_data() ? tensor.raw_data().size() / bytes : listed(tensor);
    if (there != count || (tensor.has_raw_data() && tensor.raw_data().size() != count * bytes))
        return subject + " has " + std::to_string(there) + " numbers; its shape says " + std::to_string(count);
    return "";
}

bool plain(const std::string &text) { return text.find('\0') == std::string::npos; }

std::string attributeFault(const onnx::AttributeProto &attribute, const std::string &node, const conx_limits &limits) {
    using A = onnx::AttributeProto;
    const std::string subject = "attribute " + attribute.name() + " of " + node;
    if (!plain(attribute.name())) return "an attribute of " + node + " has a name with a zero byte";
    if (!attribute.ref_attr_name().empty()) return subject + " refers to a function";
    switch (attribute.type()) {
    case A::FLOAT: case A::INT: case A::FLOATS: case A::INTS: case A::STRING: case A::STRINGS: return "";
    case A::TENSOR:
        if (!attribute.has_t()) return subject + " is a tensor that is not there";
        return tensorFault(attribute.t(), "in " + subject, limits);
    case A::GRAPH: case A::GRAPHS:
        return subject + " is a sub-graph; export the network without loops and conditions";
    default: return subject + " is of type " + std::to_string(attribute.type()) + ", which is not supported";
    }
}

std::string nodeFault(const onnx::NodeProto &node, const conx_limits &limits) {
    const std::string subject = "node " + (node.name().empty() ? node.op_type() : node.name());
    if (!plain(node.name()) || !plain(node.op_type()) || !plain(node.domain()))
        return "a node has a name with a zero byte";
    for (const auto &name : node.input()) if (!plain(name)) return subject + " reads a name with a zero byte";
    for (const auto &name : node.output()) if (!plain(name)) return subject + " makes a name with a zero byte";
    for (const auto &attribute : node.attribute()) {
        const std::string fault = attributeFault(attribute, subject, limits);
        if (!fault.empty()) return fault;
    }
    return "";
}
}  // namespace

std::string fault(const onnx::ModelProto &model, const conx_limits &limits) {
    if (!model.has_graph()) return "it has no graph: it is no ONNX model";
    const auto &graph = model.graph();
    if (graph.node_size() == 0) return "its graph is empty: it is no ONNX model";
    if (model.training_info_size() > 0) return "it carries training graphs; export it for inference";
    if (model.functions_size() > 0) return "it defines functions of its own; export it with them inlined";
    if (graph.sparse_initializer_size() > 0) return "it has sparse tensors; export it with dense ones";
    for (const auto &tensor : graph.initializer()) {
        if (!plain(tensor.name())) return "a tensor has a name with a zero byte";
        const std::string fault = tensorFault(tensor, tensor.name(), limits);
        if (!fault.empty()) return fault;
    }
    for (const auto *values : {&graph.input(), &graph.output()}) {
        for (const auto &value : *values) {
            if (!plain(value.name())) return "an input or output has a name with a zero byte";
            if (value.type().tensor_type().shape().dim_size() > 8)
                return "value " + value.name() + " has more than 8 axes";
        }
    }
    for (const auto &node : graph.node()) {
        const std::string fault = nodeFault(node, limits);
        if (!fault.empty()) return fault;
    }
    return "";
}
}  // namespace conx
