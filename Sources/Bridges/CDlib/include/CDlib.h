// Faces in an RGB picture, through dlib: its frontal face detector, a 5-point landmark model, and chips cut
// as dlib's own face networks expect them. No C++ exception leaves these functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cdlib_status : int32_t {
    CDLIB_OK = 0,
    // The landmark file cannot be opened.
    CDLIB_NO_FILE = 1,
    // The landmark file is not a dlib model of 5 points.
    CDLIB_NOT_A_MODEL = 2,
    // The landmarks span no area, so there is nothing to cut out.
    CDLIB_NO_AREA = 3,
    CDLIB_NO_MEMORY = 4,
    CDLIB_FAILED = 5,
} cdlib_status;

// Red, green, blue, row by row: 3 * width * height bytes. Borrowed for one call.
typedef struct cdlib_picture {
    const uint8_t *_Nonnull rgb;
    int32_t width;
    int32_t height;
} cdlib_picture;

// A place of the picture, in its pixels, that the detector takes for a face.
typedef struct cdlib_box {
    int32_t left, top, width, height;
    double score;
} cdlib_box;

// `x`, `y`: the corners of the eye on the picture's right (outer, inner), of the one on its left (outer, inner),
// and the base of the nose.
typedef struct cdlib_face {
    cdlib_box box;
    double x[5], y[5];
} cdlib_face;

// Which faces a search is for, by their size in the scaled picture.
typedef enum cdlib_sizes : int32_t {
    CDLIB_FACES_FROM_80 = 0,
    // Without enlarging the picture: by cells of 4 pixels instead of 8.
    CDLIB_FACES_OF_40_TO_80 = 1,
    CDLIB_FACES_OF_80_TO_120 = 2,
} cdlib_sizes;

// The detector's filters and the landmark model. Nothing changes it: any number of threads may use one.
typedef struct cdlib_models cdlib_models;
// Working memory of one search: one thread at a time.
typedef struct cdlib_searcher cdlib_searcher;

// In every function below: on failure one line of at most `capacity - 1` bytes is put in `message`, and
// `*out` is left alone.
// `letters`: dlib's frontal face detector, serialised, two letters a byte (a...p for 0...15).
cdlib_status cdlib_models_new(const char *_Nonnull landmark_path, const uint8_t *_Nonnull letters,
                              size_t letter_count, cdlib_models *_Nullable *_Nonnull out,
                              char *_Nonnull message, size_t capacity);
void cdlib_models_free(cdlib_models *_Nonnull models);

// The searcher borrows `models`, which must outlive it.
cdlib_status cdlib_searcher_new(const cdlib_models *_Nonnull models, cdlib_searcher *_Nullable *_Nonnull out,
                                char *_Nonnull message, size_t capacity);
void cdlib_searcher_free(cdlib_searcher *_Nonnull searcher);

// Searches the picture scaled by `scale` (1: as it is; 2: by dlib's pyramid_up). `*count` boxes of at least
// `least_score` stay valid until the searcher's next call: all of them, many for one face.
cdlib_status cdlib_search(cdlib_searcher *_Nonnull searcher, cdlib_picture picture, double scale,
                          cdlib_sizes sizes, double least_score, const cdlib_box *_Nullable *_Nonnull boxes,
                          size_t *_Nonnull count, char *_Nonnull message, size_t capacity);

// Finds the five points of the face in a box; `*face` gets the box too.
cdlib_status cdlib_find_landmarks(const cdlib_models *_Nonnull models, cdlib_picture picture, cdlib_box box,
                                  cdlib_face *_Nonnull face, char *_Nonnull message, size_t capacity);

// Scales a square part of the picture, `length` pixels across, to `side` * `side` pixels in `rgb`, which has room
// for 3 * side * side bytes. Black where the part reaches beyond the picture.
cdlib_status cdlib_cut_square(cdlib_picture picture, int32_t left, int32_t top, int32_t length, int32_t side,
                              uint8_t *_Nonnull rgb, char *_Nonnull message, size_t capacity);

// Cuts dlib's face chip of `side` * `side` pixels into `rgb`, which has room for 3 * side * side bytes.
cdlib_status cdlib_cut_chip(cdlib_picture picture, const cdlib_face *_Nonnull face, int32_t side,
                            double padding, uint8_t *_Nonnull rgb, char *_Nonnull message, size_t capacity);

#ifdef __cplusplus
}
#endif
