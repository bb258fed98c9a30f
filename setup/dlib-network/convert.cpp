// Rewrites dlib's published face network as safetensors, float32, one tensor a parameter.
//
//   convert dlib_face_recognition_resnet_model_v1.dat weights.safetensors
//
// The same input gives the same bytes: names in forward order, no time, no padding that varies.
// Built by build.sh of this folder.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "dlib_resnet.hpp"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors are little-endian");

namespace {

struct tensor {
    std::string name;
    std::vector<long> shape;
    std::vector<float> values;
};

// Collects the parameters in dlib's order, which is output first.
class collector {
public:
    std::vector<std::vector<tensor>> layers;

    template <long filters, long rows, long columns, int sy, int sx, int py, int px>
    void operator()(dlib::con_<filters, rows, columns, sy, sx, py, px>& layer) {
        const dlib::tensor& parameters = layer.get_layer_params();
        const long biases = layer.bias_is_disabled() ? 0 : layer.num_filters();
        const long weights = static_cast<long>(parameters.size()) - biases;
        const long channels = weights / (layer.num_filters() * rows * columns);
        std::vector<tensor> found{
            {"convolution.weight", {layer.num_filters(), channels, rows, columns}, slice(parameters, 0, weights)}};
        if (biases > 0) found.push_back({"convolution.bias", {biases}, slice(parameters, weights, biases)});
        layers.push_back(found);
    }

    void operator()(dlib::affine_& layer) {
        const dlib::tensor& scale = layer.get_gamma();
        const dlib::tensor& shift = layer.get_beta();
        const long channels = static_cast<long>(scale.size());
        layers.push_back({{"affine.scale", {channels}, slice(scale, 0, channels)},
                          {"affine.shift", {channels}, slice(shift, 0, channels)}});
    }

    // dlib keeps inputs x outputs; every other tool expects outputs x inputs.
    template <unsigned long count, dlib::fc_bias_mode mode>
    void operator()(dlib::fc_<count, mode>& layer) {
        const dlib::tensor& parameters = layer.get_layer_params();
        const long outputs = static_cast<long>(layer.get_num_outputs());
        const long inputs = static_cast<long>(parameters.size()) / outputs;
        const float* from = parameters.host();
        std::vector<float> turned(parameters.size());
        for (long i = 0; i < inputs; ++i)
            for (long o = 0; o < outputs; ++o) turned[o * inputs + i] = from[i * outputs + o];
        layers.push_back({{"weight", {outputs, inputs}, turned}});
    }

    template <typename Other>
    void operator()(Other&) {}

private:
    static std::vector<float> slice(const dlib::tensor& from, long start, long count) {
        const float* values = from.host() + start;
        return std::vector<float>(values, values + count);
    }
};

struct stage {
    const char* name;
    int blocks;
};

// Where each convolution of the network stands, in forward order.
std::vector<std::string> places() {
    std::vector<std::string> names{"stem"};
    for (const stage& s : {stage{"stage1", 3}, {"stage2", 4}, {"stage3", 3}, {"stage4", 3}, {"stage5", 1}})
        for (int block = 1; block <= s.blocks; ++block)
            for (const char* part : {"first", "second"})
                names.push_back(std::string(s.name) + ".block" + std::to_string(block) + "." + part);
    return names;
}

std::vector<tensor> named(const std::vector<std::vector<tensor>>& output_first) {
    std::vector<tensor> result;
    const std::vector<std::string> names = places();
    std::size_t convolutions = 0;
    for (auto layer = output_first.rbegin(); layer != output_first.rend(); ++layer) {
        const bool last = layer + 1 == output_first.rend();
        if (layer->front().name == "convolution.weight") ++convolutions;
        if (convolutions > names.size()) throw std::runtime_error("more convolutions than the architecture has");
        for (tensor t : *layer) {
            t.name = (last ? "embedding" : names[convolutions - 1]) + "." + t.name;
            result.push_back(t);
        }
    }
    if (convolutions != names.size()) throw std::runtime_error("fewer convolutions than the architecture has");
    return result;
}

void write(const std::vector<tensor>& tensors, const std::string& path) {
    std::ostringstream header;
    header << "{\"__metadata__\":{\"architecture\":\"resnet-29\",\"source\":\"dlib_face_recognition_resnet_model_v1.dat\"}";
    std::size_t offset = 0;
    for (const tensor& t : tensors) {
        const std::size_t end = offset + t.values.size() * sizeof(float);
        header << ",\"" << t.name << "\":{\"dtype\":\"F32\",\"shape\":[";
        for (std::size_t i = 0; i < t.shape.size(); ++i) header << (i ? "," : "") << t.shape[i];
        header << "],\"data_offsets\":[" << offset << "," << end << "]}";
        offset = end;
    }
    header << "}";
    std::string text = header.str();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = text.size();

    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    for (const tensor& t : tensors)
        out.write(reinterpret_cast<const char*>(t.values.data()),
                  static_cast<std::streamsize>(t.values.size() * sizeof(float)));
    out.close();
    if (!out) throw std::runtime_error("cannot write " + path);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: convert MODEL.dat WEIGHTS.safetensors\n";
        return 64;
    }
    try {
        resnet::network network;
        dlib::deserialize(argv[1]) >> network;
        collector found;
        dlib::visit_computational_layers(network, [&found](auto& layer) { found(layer); });
        const std::vector<tensor> tensors = named(found.layers);
        std::size_t values = 0;
        for (const tensor& t : tensors) values += t.values.size();
        write(tensors, argv[2]);
        std::cerr << argv[2] << ": " << tensors.size() << " tensors, " << values << " parameters\n";
    } catch (const std::exception& error) {
        std::cerr << "convert: " << argv[1] << ": " << error.what() << "\n";
        return 65;
    }
    return 0;
}
