// dlib's own answers and times, to hold FaceGallery's against: the same photos, one thread, one program.
//
//   g++ -O2 -std=c++17 -march=native -I setup/dlib-network -o reference Bench/dlib-reference/reference.cpp \
//       -ldlib -lblas -llapack -lpthread
//   export OPENBLAS_NUM_THREADS=1
//   reference vectors MODEL.dat CHIPS.rgb VECTORS.f32      templates of raw 150×150 RGB chips
//   reference chips SHAPE.dat CHIPS.rgb PHOTO...           cuts the largest face of each photo, as dlib does
//   reference forward MODEL.dat CHIPS.rgb                  times the network: batch 1 and 16
//   reference pipeline MODEL.dat SHAPE.dat PHOTO...        times photo → template
//
// VECTORS.f32 holds 128 float32 a chip, unit length.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <dlib/image_io.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>

#include "dlib_resnet.hpp"

namespace {

using chip = dlib::matrix<dlib::rgb_pixel>;
using words = std::vector<std::string>;
constexpr long side = 150;

std::vector<chip> read_chips(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
    constexpr std::size_t size = side * side * 3;
    if (bytes.empty() || bytes.size() % size != 0) throw std::runtime_error(path + ": not 150×150 RGB chips");
    std::vector<chip> chips;
    for (std::size_t start = 0; start < bytes.size(); start += size) {
        chip c(side, side);
        const auto* from = reinterpret_cast<const unsigned char*>(bytes.data() + start);
        for (long i = 0; i < side * side; ++i, from += 3)
            c(i / side, i % side) = dlib::rgb_pixel(from[0], from[1], from[2]);
        chips.push_back(c);
    }
    return chips;
}

// The chip of the largest face; an empty one when there is no face.
chip cut(dlib::frontal_face_detector& detector, const dlib::shape_predictor& shape, const std::string& photo) {
    dlib::matrix<dlib::rgb_pixel> image;
    dlib::load_image(image, photo);
    const auto faces = detector(image);
    if (faces.empty()) return {};
    const auto largest = *std::max_element(
        faces.begin(), faces.end(), [](const auto& a, const auto& b) { return a.area() < b.area(); });
    chip result;
    dlib::extract_image_chip(image, dlib::get_face_chip_details(shape(image, largest), side, 0.25), result);
    return result;
}

template <typename Work>
double milliseconds(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void report(const std::string& what, std::vector<double> times, double faces) {
    std::sort(times.begin(), times.end());
    std::printf("{\"program\":\"dlib\",\"measure\":\"%s\",\"runs\":%zu,\"median_ms_per_face\":%.4f,\"min_ms_per_face\":%.4f}\n",
                what.c_str(), times.size(), times[times.size() / 2] / faces, times.front() / faces);
}

int vectors(const words& w) {
    resnet::network network;
    dlib::deserialize(w.at(0)) >> network;
    std::ofstream out(w.at(2), std::ios::binary);
    for (const chip& c : read_chips(w.at(1))) {
        dlib::matrix<float, 0, 1> template_ = network(c);
        template_ /= dlib::length(template_);
        out.write(reinterpret_cast<const char*>(&template_(0)), template_.size() * sizeof(float));
    }
    return out ? 0 : 1;
}

int chips(const words& w) {
    auto detector = dlib::get_frontal_face_detector();
    dlib::shape_predictor shape;
    dlib::deserialize(w.at(0)) >> shape;
    std::ofstream out(w.at(1), std::ios::binary);
    for (auto photo = w.begin() + 2; photo != w.end(); ++photo) {
        const chip c = cut(detector, shape, *photo);
        if (c.size() == 0) throw std::runtime_error(*photo + ": no face found");
        for (long i = 0; i < side * side; ++i) {
            const dlib::rgb_pixel p = c(i / side, i % side);
            const char bytes[3] = {static_cast<char>(p.red), static_cast<char>(p.green), static_cast<char>(p.blue)};
            out.write(bytes, 3);
        }
    }
    return out ? 0 : 1;
}

int forward(const words& w) {
    resnet::network network;
    dlib::deserialize(w.at(0)) >> network;
    const std::vector<chip> given = read_chips(w.at(1));
    for (const std::size_t batch : {1, 16}) {
        std::vector<chip> some;
        for (std::size_t i = 0; i < batch; ++i) some.push_back(given[i % given.size()]);
        network(some, batch);
        std::vector<double> times;
        for (std::size_t i = 0; i < 64 / batch + 6; ++i)
            times.push_back(milliseconds([&] { network(some, batch); }));
        report("forward, batch " + std::to_string(batch), times, static_cast<double>(batch));
    }
    return 0;
}

int pipeline(const words& w) {
    resnet::network network;
    dlib::deserialize(w.at(0)) >> network;
    auto detector = dlib::get_frontal_face_detector();
    dlib::shape_predictor shape;
    dlib::deserialize(w.at(1)) >> shape;
    const words photos(w.begin() + 2, w.end());
    std::vector<double> times;
    std::size_t missed = 0;
    for (int round = 0; round < 2; ++round)
        for (const std::string& photo : photos)
            times.push_back(milliseconds([&] {
                const chip c = cut(detector, shape, photo);
                if (c.size() == 0)
                    ++missed;
                else
                    network(c);
            }));
    times.erase(times.begin(), times.begin() + static_cast<long>(photos.size()));
    report("photo to template, " + std::to_string(missed / 2) + " without a face", times, 1);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const words w(argv + std::min(argc, 2), argv + argc);
    const std::string verb = argc > 1 ? argv[1] : "";
    try {
        if (verb == "vectors" && w.size() == 3) return vectors(w);
        if (verb == "chips" && w.size() > 2) return chips(w);
        if (verb == "forward" && w.size() == 2) return forward(w);
        if (verb == "pipeline" && w.size() > 2) return pipeline(w);
    } catch (const std::exception& error) {
        std::cerr << "reference: " << error.what() << "\n";
        return 65;
    }
    std::cerr << "usage: reference vectors|chips|forward|pipeline ...; see the top of reference.cpp\n";
    return 64;
}
