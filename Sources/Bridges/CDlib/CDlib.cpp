#include "Picture.h"

#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <new>
#include <vector>

using cdlib::Picture;
using dlib::rgb_pixel;

struct cdlib_models {
    dlib::frontal_face_detector detector;
    dlib::shape_predictor landmarks;
};

struct cdlib_searcher {
    const cdlib_models *models;
    dlib::frontal_face_detector detector;
    std::vector<cdlib_face> faces;
};

namespace {

cdlib_status fail(cdlib_status status, char *message, size_t capacity, const char *text) {
    std::snprintf(message, capacity, "%s", text);
    for (char *c = message; *c != 0; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t') *c = ' ';
    return status;
}

// Runs `body` and turns whatever it throws into a status.
template <typename Body>
cdlib_status guarded(char *message, size_t capacity, Body body) {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return fail(CDLIB_NO_MEMORY, message, capacity, "out of memory");
    } catch (const dlib::serialization_error &error) {
        return fail(CDLIB_NOT_A_MODEL, message, capacity, error.what());
    } catch (const std::exception &error) {
        return fail(CDLIB_FAILED, message, capacity, error.what());
    } catch (...) {
        return fail(CDLIB_FAILED, message, capacity, "an exception of an unknown kind");
    }
}

// Every pixel of the result is the mean of `k` * `k` pixels: what bilinear scaling would leave out.
void shrink(const Picture &from, long k, dlib::array2d<rgb_pixel> &to) {
    to.set_size(from.rows / k, from.columns / k);
    const unsigned long area = k * k;
    for (long y = 0; y < to.nr(); y++) {
        for (long x = 0; x < to.nc(); x++) {
            unsigned long red = area / 2, green = area / 2, blue = area / 2;
            for (long j = 0; j < k; j++) {
                const rgb_pixel *row = from.pixels + (y * k + j) * from.columns + x * k;
                for (long i = 0; i < k; i++) {
                    red += row[i].red;
                    green += row[i].green;
                    blue += row[i].blue;
                }
            }
            to[y][x] = rgb_pixel(red / area, green / area, blue / area);
        }
    }
}

void scale_picture(const Picture &from, double scale, dlib::array2d<rgb_pixel> &to) {
    if (scale == 2) {
        dlib::pyramid_up(from, to, dlib::pyramid_down<2>());
        return;
    }
    to.set_size(std::max(1l, std::lround(from.rows * scale)), std::max(1l, std::lround(from.columns * scale)));
    const long k = static_cast<long>(1 / scale);
    if (k < 2) {
        dlib::resize_image(from, to);
        return;
    }
    dlib::array2d<rgb_pixel> smaller;
    shrink(from, k, smaller);
    dlib::resize_image(smaller, to);
}

// A box of the scaled picture in pixels of the picture itself.
dlib::rectangle unscale(const dlib::rectangle &box, double scale) {
    if (scale == 1) return box;
    if (scale == 2) return dlib::pyramid_down<2>().rect_down(box);
    auto back = [scale](long edge) { return std::lround((edge + 0.5) / scale - 0.5); };
    return dlib::rectangle(back(box.left()), back(box.top()), back(box.right()), back(box.bottom()));
}

cdlib_face describe(const dlib::rectangle &box, double score, const dlib::full_object_detection &shape) {
    cdlib_face face = {};
    face.left = static_cast<int32_t>(box.left());
    face.top = static_cast<int32_t>(box.top());
    face.width = static_cast<int32_t>(box.width());
    face.height = static_cast<int32_t>(box.height());
    face.score = score;
    for (unsigned long i = 0; i < 5; i++) {
        face.x[i] = static_cast<double>(shape.part(i).x());
        face.y[i] = static_cast<double>(shape.part(i).y());
    }
    return face;
}

}  // namespace

extern "C" cdlib_status cdlib_models_new(const char *landmark_path, cdlib_models **out, char *message,
                                         size_t capacity) {
    return guarded(message, capacity, [&] {
        std::ifstream file(landmark_path, std::ios::binary);
        if (!file || file.peek() == std::ifstream::traits_type::eof())
            return fail(CDLIB_NO_FILE, message, capacity, "it cannot be opened or has no bytes");
        auto models = std::make_unique<cdlib_models>();
        deserialize(models->landmarks, file);
        if (models->landmarks.num_parts() != 5)
            return fail(CDLIB_NOT_A_MODEL, message, capacity, "it does not find 5 points");
        models->detector = dlib::get_frontal_face_detector();
        *out = models.release();
        return CDLIB_OK;
    });
}

extern "C" void cdlib_models_free(cdlib_models *models) { delete models; }

extern "C" cdlib_status cdlib_searcher_new(const cdlib_models *models, cdlib_searcher **out, char *message,
                                           size_t capacity) {
    return guarded(message, capacity, [&] {
        *out = new cdlib_searcher{models, models->detector, {}};
        return CDLIB_OK;
    });
}

extern "C" void cdlib_searcher_free(cdlib_searcher *searcher) { delete searcher; }

extern "C" cdlib_status cdlib_search(cdlib_searcher *searcher, cdlib_picture given, double scale,
                                     const cdlib_face **faces, size_t *count, char *message,
                                     size_t capacity) {
    return guarded(message, capacity, [&] {
        const Picture picture(given);
        std::vector<dlib::rect_detection> found;
        if (scale == 1) {
            searcher->detector(picture, found, 0.0);
        } else {
            dlib::array2d<rgb_pixel> scaled;
            scale_picture(picture, scale, scaled);
            searcher->detector(scaled, found, 0.0);
        }
        searcher->faces.clear();
        for (const auto &one : found) {
            const dlib::rectangle box = unscale(one.rect, scale);
            if (box.is_empty()) continue;
            searcher->faces.push_back(
                describe(box, one.detection_confidence, searcher->models->landmarks(picture, box)));
        }
        *faces = searcher->faces.data();
        *count = searcher->faces.size();
        return CDLIB_OK;
    });
}

extern "C" cdlib_status cdlib_cut_chip(cdlib_picture given, const cdlib_face *face, int32_t side,
                                       double padding, uint8_t *rgb, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        const Picture picture(given);
        std::vector<dlib::point> parts;
        for (int i = 0; i < 5; i++) parts.emplace_back(std::lround(face->x[i]), std::lround(face->y[i]));
        const dlib::rectangle box(face->left, face->top, face->left + face->width - 1,
                                  face->top + face->height - 1);
        const auto details = dlib::get_face_chip_details(dlib::full_object_detection(box, parts), side, padding);
        // Written so that NaN fails: landmarks on one point have no direction.
        if (!(details.rect.width() >= 1 && details.rect.height() >= 1 && std::isfinite(details.angle)))
            return fail(CDLIB_NO_AREA, message, capacity, "the landmarks span no area");
        dlib::matrix<rgb_pixel> chip;
        dlib::extract_image_chip(picture, details, chip);
        for (long y = 0; y < side; y++) {
            for (long x = 0; x < side; x++, rgb += 3) {
                rgb[0] = chip(y, x).red;
                rgb[1] = chip(y, x).green;
                rgb[2] = chip(y, x).blue;
            }
        }
        return CDLIB_OK;
    });
}
