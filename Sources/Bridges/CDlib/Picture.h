// A borrowed RGB picture as one of dlib's generic images, so that nothing is copied to be looked at.
#pragma once

#include "include/CDlib.h"

// dlib's configuration asks for BLAS and LAPACK; nothing here solves more than 2x2 systems, and without them
// this library needs neither. These two headers are the ones that set the macros.
#include <dlib/algs.h>
#include <dlib/threads.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK

#include <dlib/array2d.h>
#include <dlib/image_transforms.h>
#include <dlib/pixel.h>

// Another name where dlib has another one.
#ifndef cdlib_names
#define cdlib_names cdlib
#endif

namespace cdlib_names {

struct Picture {
    const dlib::rgb_pixel *pixels;
    long rows, columns;

    explicit Picture(const cdlib_picture &p)
        : pixels(reinterpret_cast<const dlib::rgb_pixel *>(p.rgb)), rows(p.height), columns(p.width) {}
};

static_assert(sizeof(dlib::rgb_pixel) == 3, "a pixel of dlib is three bytes, as the picture's are");

inline long num_rows(const Picture &p) { return p.rows; }
inline long num_columns(const Picture &p) { return p.columns; }
inline const void *image_data(const Picture &p) { return p.pixels; }
inline long width_step(const Picture &p) { return p.columns * 3; }

}  // namespace cdlib_names

namespace dlib {
template <>
struct image_traits<cdlib_names::Picture> {
    typedef rgb_pixel pixel_type;
};
template <>
struct image_traits<const cdlib_names::Picture> {
    typedef rgb_pixel pixel_type;
};
}  // namespace dlib
