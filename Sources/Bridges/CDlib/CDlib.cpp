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
    std::vector<cdlib::Box> boxes;
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
        *out = new cdlib_searcher{models, models->finder->copy(), {}, {}};
        return CDLIB_OK;
    });
}

extern "C" void cdlib_searcher_free(cdlib_searcher *searcher) { delete searcher; }

extern "C" cdlib_status cdlib_search(cdlib_searcher *searcher, cdlib_picture given, double scale,
                                     double least_score, const cdlib_face **faces, size_t *count, char *message,
                                     size_t capacity) {
    return guarded(message, capacity, [&] {
        searcher->finder->find(given, scale, least_score, searcher->boxes);
        const Picture picture(given);
        searcher->faces.clear();
        for (const auto &found : searcher->boxes) {
            const dlib::rectangle box(found.left, found.top, found.right, found.bottom);
            searcher->faces.push_back(describe(box, found.score, searcher->models->landmarks(picture, box)));
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
