#include "COnnxRead.h"

#include <google/protobuf/io/coded_stream.h>

#include <memory>

#include "Check.h"
#include "Scan.h"

struct conx_model {
    onnx::ModelProto proto;
};

extern "C" {

conx_status conx_read(const uint8_t *bytes, size_t count, conx_limits limits, conx_model **out, char *message,
                      size_t capacity) {
    return conx::guarded(message, capacity, [&] {
        const char *reason = "";
        if (count > (size_t{1} << 30)) {
            conx::tell("it is larger than 1 GiB", message, capacity);
            return CONX_INVALID;
        }
        if (!conx_scan(bytes, count, limits.parts, &reason)) {
            conx::tell(reason, message, capacity);
            return CONX_INVALID;
        }
        auto model = std::make_unique<conx_model>();
        google::protobuf::io::CodedInputStream stream(bytes, static_cast<int>(count));
        stream.SetRecursionLimit(16);
        if (!model->proto.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
            conx::tell("it is no ONNX model, or a damaged one", message, capacity);
            return CONX_INVALID;
        }
        const std::string fault = conx::fault(model->proto, limits);
        if (!fault.empty()) {
            conx::tell(fault.c_str(), message, capacity);
            return CONX_INVALID;
        }
        *out = model.release();
        return CONX_OK;
    });
}

void conx_model_free(conx_model *model) { delete model; }

conx_header conx_model_header(const conx_model *model) {
    const auto &graph = model->proto.graph();
    int64_t opset = 0;
    for (const auto &set : model->proto.opset_import()) {
        if (set.domain().empty() || set.domain() == "ai.onnx") opset = std::max(opset, set.version());
    }
    return {model->proto.ir_version(),
            opset,
            model->proto.producer_name().c_str(),
            graph.name().c_str(),
            static_cast<size_t>(graph.input_size()),
            static_cast<size_t>(graph.output_size()),
            static_cast<size_t>(graph.initializer_size()),
            static_cast<size_t>(graph.node_size()),
            static_cast<size_t>(model->proto.metadata_props_size())};
}

conx_line conx_model_line(const conx_model *model, size_t index) {
    const auto &line = model->proto.metadata_props(static_cast<int>(index));
    return {line.key().c_str(), line.value().c_str()};
}
}

namespace {
conx_value look(const onnx::ValueInfoProto &value) {
    const auto &type = value.type();
    if (!type.has_tensor_type()) return {value.name().c_str(), 0, -1};
    const auto &tensor = type.tensor_type();
    return {value.name().c_str(), tensor.elem_type(), tensor.has_shape() ? tensor.shape().dim_size() : -1};
}

int64_t size(const onnx::ValueInfoProto &value, size_t axis) {
    const auto &dim = value.type().tensor_type().shape().dim(static_cast<int>(axis));
    return dim.has_dim_value() ? dim.dim_value() : -1;
}

conx_tensor look(const onnx::TensorProto &tensor) {
    size_t count = 1;
    for (const int64_t size : tensor.dims()) count *= static_cast<size_t>(size);
    return {tensor.name().c_str(), tensor.data_type(), tensor.dims().data(),
            static_cast<size_t>(tensor.dims_size()), count, &tensor};
}

const onnx::TensorProto &proto(const conx_tensor *tensor) {
    return *static_cast<const onnx::TensorProto *>(tensor->proto);
}

const onnx::NodeProto &node(const conx_model *model, size_t index) {
    return model->proto.graph().node(static_cast<int>(index));
}

// Converts `count` values of type From that are in raw bytes, little-endian and perhaps not aligned.
template <typename From, typename To>
void raw(const std::string &bytes, size_t count, To *out) {
    for (size_t place = 0; place < count; place++) {
        From value;
        std::memcpy(&value, bytes.data() + place * sizeof(From), sizeof(From));
        out[place] = static_cast<To>(value);
    }
}

template <typename List, typename To>
void list(const List &values, To *out) {
    for (int place = 0; place < values.size(); place++) out[place] = static_cast<To>(values[place]);
}

float single(uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

// A half-precision number: 1 bit of sign, 5 of exponent, 10 of fraction.
float half(uint16_t bits) {
    const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
    const uint32_t exponent = (bits >> 10) & 31, fraction = bits & 0x3ff;
    if (exponent == 31) return single(sign | 0x7f800000 | fraction << 13);
    if (exponent > 0) return single(sign | (exponent + 112) << 23 | fraction << 13);
    const float small = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -small : small;
}
// Values side by side that share a scale and a zero point.
template <typename Value>
void run(const Value *values, size_t count, float scale, float zero, float *out) {
    for (size_t place = 0; place < count; place++) out[place] = (static_cast<float>(values[place]) - zero) * scale;
}

template <typename Value>
void dequantize(const Value *values, conx_blocks blocks, const float *scales, const float *zeros, float *out) {
    const size_t count = (blocks.axis + blocks.block - 1) / blocks.block;
    for (size_t outer = 0; outer < blocks.outer; outer++) {
        for (size_t block = 0; block < count; block++) {
            const size_t start = block * blocks.block, end = std::min(start + blocks.block, blocks.axis);
            const size_t from = (outer * blocks.axis + start) * blocks.inner;
            const size_t numbers = (end - start) * blocks.inner;
            if (blocks.inner == 1 || !blocks.outer_blocked) {
                const size_t at = blocks.outer_blocked ? outer * count + block : block;
                run(values + from, numbers, scales[at], zeros ? zeros[at] : 0, out + from);
                continue;
            }
            for (size_t place = 0; place < numbers; place++) {
                const size_t at = (outer * count + block) * blocks.inner + place % blocks.inner;
                run(values + from + place, 1, scales[at], zeros ? zeros[at] : 0, out + from + place);
            }
        }
    }
}
}  // namespace

extern "C" {

conx_value conx_model_input(const conx_model *model, size_t index) {
    return look(model->proto.graph().input(static_cast<int>(index)));
}
conx_value conx_model_output(const conx_model *model, size_t index) {
    return look(model->proto.graph().output(static_cast<int>(index)));
}
int64_t conx_input_size(const conx_model *model, size_t index, size_t axis) {
    return size(model->proto.graph().input(static_cast<int>(index)), axis);
}
int64_t conx_output_size(const conx_model *model, size_t index, size_t axis) {
    return size(model->proto.graph().output(static_cast<int>(index)), axis);
}
conx_tensor conx_model_initializer(const conx_model *model, size_t index) {
    return look(model->proto.graph().initializer(static_cast<int>(index)));
}

void conx_floats_of(const conx_tensor *tensor, float *out) {
    const auto &from = proto(tensor);
    switch (from.data_type()) {
    case onnx::TensorProto::DOUBLE:
        from.has_raw_data() ? raw<double>(from.raw_data(), tensor->count, out) : list(from.double_data(), out);
        return;
    case onnx::TensorProto::FLOAT:
        if (from.has_raw_data()) {
            std::memcpy(out, from.raw_data().data(), tensor->count * sizeof(float));
        } else {
            std::copy(from.float_data().begin(), from.float_data().end(), out);
        }
        return;
    default:
        const bool brain = from.data_type() == onnx::TensorProto::BFLOAT16;
        for (size_t place = 0; place < tensor->count; place++) {
            uint16_t bits;
            if (from.has_raw_data()) {
                std::memcpy(&bits, from.raw_data().data() + place * 2, 2);
            } else {
                bits = static_cast<uint16_t>(from.int32_data(static_cast<int>(place)));
            }
            out[place] = brain ? single(static_cast<uint32_t>(bits) << 16) : half(bits);
        }
    }
}

void conx_integers_of(const conx_tensor *tensor, int64_t *out) {
    using T = onnx::TensorProto;
    const auto &from = proto(tensor);
    const size_t count = tensor->count;
    if (!from.has_raw_data()) {
        switch (from.data_type()) {
        case T::INT64: return list(from.int64_data(), out);
        case T::UINT32: case T::UINT64: return list(from.uint64_data(), out);
        default: return list(from.int32_data(), out);
        }
    }
    const std::string &bytes = from.raw_data();
    switch (from.data_type()) {
    case T::INT8: return raw<int8_t>(bytes, count, out);
    case T::UINT8: case T::BOOL: return raw<uint8_t>(bytes, count, out);
    case T::INT16: return raw<int16_t>(bytes, count, out);
    case T::UINT16: return raw<uint16_t>(bytes, count, out);
    case T::INT32: return raw<int32_t>(bytes, count, out);
    case T::UINT32: return raw<uint32_t>(bytes, count, out);
    default: return raw<int64_t>(bytes, count, out);
    }
}

void conx_bytes_of(const conx_tensor *tensor, uint8_t *out) {
    const auto &from = proto(tensor);
    if (from.has_raw_data()) {
        std::memcpy(out, from.raw_data().data(), tensor->count);
    } else {
        list(from.int32_data(), out);
    }
}

conx_node_view conx_model_node(const conx_model *model, size_t index) {
    const auto &it = node(model, index);
    return {it.op_type().c_str(),
            it.name().c_str(),
            it.domain().c_str(),
            static_cast<size_t>(it.input_size()),
            static_cast<size_t>(it.output_size()),
            static_cast<size_t>(it.attribute_size())};
}
const char *conx_node_input_name(const conx_model *model, size_t index, size_t place) {
    return node(model, index).input(static_cast<int>(place)).c_str();
}
const char *conx_node_output_name(const conx_model *model, size_t index, size_t place) {
    return node(model, index).output(static_cast<int>(place)).c_str();
}

conx_attribute conx_node_attribute(const conx_model *model, size_t index, size_t place) {
    using A = onnx::AttributeProto;
    const auto &it = node(model, index).attribute(static_cast<int>(place));
    size_t count = 0;
    if (it.type() == A::INTS) count = static_cast<size_t>(it.ints_size());
    if (it.type() == A::FLOATS) count = static_cast<size_t>(it.floats_size());
    if (it.type() == A::STRINGS) count = static_cast<size_t>(it.strings_size());
    return {it.name().c_str(), it.type(), it.i(), it.f(), it.s().c_str(), it.ints().data(), it.floats().data(), count};
}
const char *conx_attribute_text(const conx_model *model, size_t index, size_t place, size_t text) {
    return node(model, index).attribute(static_cast<int>(place)).strings(static_cast<int>(text)).c_str();
}
conx_tensor conx_attribute_tensor(const conx_model *model, size_t index, size_t place) {
    return look(node(model, index).attribute(static_cast<int>(place)).t());
}

void conx_dequantize(const int8_t *signed_values, const uint8_t *unsigned_values, conx_blocks blocks,
                     const float *scales, const float *zeros, float *out) {
    if (signed_values) {
        dequantize(signed_values, blocks, scales, zeros, out);
    } else {
        dequantize(unsigned_values, blocks, scales, zeros, out);
    }
}

bool conx_finite(const float *values, size_t count) {
    // Infinities and what is not a number have the largest exponent there is.
    uint32_t largest = 0;
    for (size_t place = 0; place < count; place++) {
        uint32_t bits;
        std::memcpy(&bits, values + place, sizeof bits);
        largest = std::max(largest, bits & 0x7f800000);
    }
    return largest < 0x7f800000;
}
}
