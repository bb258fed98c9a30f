#include "BoxFinder.h"
#include "Picture.h"

#include <dlib/image_processing.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <new>
#include <vector>

using cdlib::Picture;
using dlib::rgb_pixel;

// dlib's serialised object from its spelling in letters: a...p for 0...15, the upper half of a byte first.
static std::string from_letters(const uint8_t *letters, size_t count) {
    std::string bytes(count / 2, 0);
    for (size_t i = 0; i < bytes.size(); i++)
        bytes[i] = static_cast<char>((letters[2 * i] - 'a') << 4 | (letters[2 * i + 1] - 'a'));
    return bytes;
}

struct cdlib_models {
    std::unique_ptr<cdlib::BoxFinder> finder;
    dlib::shape_predictor landmarks;
};

struct cdlib_searcher {
    const cdlib_models *models;
    std::unique_ptr<cdlib::BoxFinder> finder;
    std::vector<cdlib_box> boxes;
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

void write_pixels(const dlib::matrix<rgb_pixel> &picture, uint8_t *rgb) {
    for (long y = 0; y < picture.nr(); y++) {
        for (long x = 0; x < picture.nc(); x++, rgb += 3) {
            rgb[0] = picture(y, x).red;
            rgb[1] = picture(y, x).green;
            rgb[2] = picture(y, x).blue;
        }
    }
}

dlib::rectangle rectangle_of(const cdlib_box &box) {
    const long left = box.left, top = box.top;
    return dlib::rectangle(left, top, left + box.width - 1, top + box.height - 1);
}

bool has_avx2() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

}  // namespace

extern "C" cdlib_status cdlib_models_new(const char *landmark_path, const uint8_t *letters, size_t letter_count,
                                         cdlib_models **out, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        std::ifstream file(landmark_path, std::ios::binary);
        if (!file || file.peek() == std::ifstream::traits_type::eof())
            return fail(CDLIB_NO_FILE, message, capacity, "it cannot be opened or has no bytes");
        auto models = std::make_unique<cdlib_models>();
        deserialize(models->landmarks, file);
        if (models->landmarks.num_parts() != 5)
            return fail(CDLIB_NOT_A_MODEL, message, capacity, "it does not find 5 points");
        const std::string detector = from_letters(letters, letter_count);
        models->finder = has_avx2() ? cdlib::make_finder_avx2(detector) : cdlib::make_finder_baseline(detector);
        *out = models.release();
        return CDLIB_OK;
    });
}

extern "C" void cdlib_models_free(cdlib_models *models) { delete models; }

extern "C" cdlib_status cdlib_searcher_new(const cdlib_models *models, cdlib_searcher **out, char *message,
                                           size_t capacity) {
    return guarded(message, capacity, [&] {
        *out = new cdlib_searcher{models, models->finder->copy(), {}};
        return CDLIB_OK;
    });
}

extern "C" void cdlib_searcher_free(cdlib_searcher *searcher) { delete searcher; }

extern "C" cdlib_status cdlib_search(cdlib_searcher *searcher, cdlib_picture picture, double scale,
                                     cdlib_sizes sizes, double least_score, const cdlib_box **boxes, size_t *count,
                                     char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        searcher->finder->find(picture, scale, sizes, least_score, searcher->boxes);
        *boxes = searcher->boxes.data();
        *count = searcher->boxes.size();
        return CDLIB_OK;
    });
}

extern "C" cdlib_status cdlib_find_landmarks(const cdlib_models *models, cdlib_picture given, cdlib_box box,
                                             cdlib_face *face, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        const auto shape = models->landmarks(Picture(given), rectangle_of(box));
        face->box = box;
        for (unsigned long i = 0; i < 5; i++) {
            face->x[i] = static_cast<double>(shape.part(i).x());
            face->y[i] = static_cast<double>(shape.part(i).y());
        }
        return CDLIB_OK;
    });
}

extern "C" cdlib_status cdlib_cut_square(cdlib_picture given, int32_t left, int32_t top, int32_t length,
                                         int32_t side, uint8_t *rgb, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        const dlib::rectangle part = rectangle_of({left, top, length, length, 0});
        dlib::matrix<rgb_pixel> square;
        dlib::extract_image_chip(Picture(given), dlib::chip_details(part, dlib::chip_dims(side, side)), square);
        write_pixels(square, rgb);
        return CDLIB_OK;
    });
}

extern "C" cdlib_status cdlib_cut_chip(cdlib_picture given, const cdlib_face *face, int32_t side,
                                       double padding, uint8_t *rgb, char *message, size_t capacity) {
    return guarded(message, capacity, [&] {
        const Picture picture(given);
        std::vector<dlib::point> parts;
        for (int i = 0; i < 5; i++) parts.emplace_back(std::lround(face->x[i]), std::lround(face->y[i]));
        const auto details = dlib::get_face_chip_details(dlib::full_object_detection(rectangle_of(face->box), parts), side, padding);
        // Written so that NaN fails: landmarks on one point have no direction.
        if (!(details.rect.width() >= 1 && details.rect.height() >= 1 && std::isfinite(details.angle)))
            return fail(CDLIB_NO_AREA, message, capacity, "the landmarks span no area");
        dlib::matrix<rgb_pixel> chip;
        dlib::extract_image_chip(picture, details, chip);
        write_pixels(chip, rgb);
        return CDLIB_OK;
    });
}
