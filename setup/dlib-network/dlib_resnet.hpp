// The face network of dlib's published dlib_face_recognition_resnet_model_v1.dat, as a dlib type.
// dlib declares a network from its output to its input: read a line from right to left.
#pragma once

#include <dlib/dnn.h>

namespace resnet {

template <long filters, int stride, typename Input>
using convolution = dlib::con<filters, 3, 3, stride, stride, Input>;

template <long filters, int stride, typename Input>
using body =
    dlib::affine<convolution<filters, 1, dlib::relu<dlib::affine<convolution<filters, stride, Input>>>>>;

template <long filters, typename Input>
using block = dlib::relu<dlib::add_prev1<body<filters, 1, dlib::tag1<Input>>>>;

template <long filters, typename Input>
using halving_block = dlib::relu<
    dlib::add_prev2<dlib::avg_pool<2, 2, 2, 2, dlib::skip1<dlib::tag2<body<filters, 2, dlib::tag1<Input>>>>>>>;

template <typename Input>
using stem = dlib::max_pool<3, 3, 2, 2, dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, Input>>>>;
template <typename Input>
using stage1 = block<32, block<32, block<32, Input>>>;
template <typename Input>
using stage2 = block<64, block<64, block<64, halving_block<64, Input>>>>;
template <typename Input>
using stage3 = block<128, block<128, halving_block<128, Input>>>;
template <typename Input>
using stage4 = block<256, block<256, halving_block<256, Input>>>;
template <typename Input>
using stage5 = halving_block<256, Input>;

using network = dlib::loss_metric<dlib::fc_no_bias<
    128,
    dlib::avg_pool_everything<stage5<stage4<stage3<stage2<stage1<stem<dlib::input_rgb_image_sized<150>>>>>>>>>>;

}  // namespace resnet
