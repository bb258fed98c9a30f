#pragma once

#include "ListSearch.h"

#if defined(__cplusplus)
extern "C" {
#endif

/// Centres as `csk_nearest_function` reads them.
typedef struct csk_centres csk_centres;

/// Packs `count` ≥ 1 centres; NULL if there is no memory.
///
/// Without `biases`, those that make the highest product the smallest Euclidean distance.
csk_centres *_Nullable csk_centres_new(
    const float *_Nonnull centres, const float *_Nullable biases, size_t count, size_t dimension);

void csk_centres_free(csk_centres *_Nonnull centres);

/// The centre that gives each vector the highest product plus bias, as far as bytes can tell; of equals the first.
///
/// Returns 0 if there is no memory.
int csk_assign(
    const csk_kernel *_Nonnull kernel, const csk_centres *_Nonnull centres,
    const float *_Nonnull const *_Nonnull vectors, size_t count, uint32_t *_Nonnull best);

/// What becomes of the rows of one list while they are written: sums for its spread, the longest, the worst.
typedef struct {
    double squares;
    float reach;
    float error;
} csk_list_facts;

/// Where rows are written.
typedef struct {
    const csk_list *_Nonnull lists;
    uint8_t *_Nonnull blocks;
    uint8_t *_Nonnull rows;
    int64_t *_Nonnull ids;
    csk_list_facts *_Nonnull facts;
    /// Sum of the squares that codes leave over.
    double code_error;
} csk_row_sink;

/// Memory of one thread's encoding.
typedef struct csk_encoder csk_encoder;

/// For a quantizer; NULL if there is no memory.
csk_encoder *_Nullable csk_encoder_new(const csk_quantizer *_Nonnull quantizer);

void csk_encoder_free(csk_encoder *_Nonnull encoder);

/// Writes code and bytes of each vector to its row, which is in the list named; blocks must be zero there.
///
/// Several threads may write different rows at once, each with facts of its own.
void csk_encode(
    const csk_kernel *_Nonnull kernel, const csk_quantizer *_Nonnull quantizer, csk_encoder *_Nonnull encoder,
    const float *_Nonnull const *_Nonnull vectors, const int64_t *_Nonnull ids, const uint32_t *_Nonnull lists,
    const uint32_t *_Nonnull rows, size_t count, csk_row_sink *_Nonnull sink);

/// Products of vectors with axes, all row-major: turned[v][a] = vector v · axis a.
void csk_turn(
    const csk_kernel *_Nonnull kernel, const float *_Nonnull axes, size_t dimension,
    const float *_Nonnull vectors, size_t count, float *_Nonnull turned);

/// Adds up, for each axis, the squares of turned residuals and of what their codes leave over.
void csk_sum_squares(
    const csk_kernel *_Nonnull kernel, const csk_quantizer *_Nonnull quantizer, csk_encoder *_Nonnull encoder,
    const float *_Nonnull turned, size_t count, double *_Nonnull residuals, double *_Nonnull errors);

/// A vector in bytes of its own axes: vector / step + 128, and how far they are from it.
void csk_loose_row(
    const float *_Nonnull vector, size_t dimension, uint8_t *_Nonnull bytes, float *_Nonnull step,
    float *_Nonnull error);

/// Whether a row holds just the code, the bytes and the list of this vector.
int csk_agrees(
    const csk_kernel *_Nonnull kernel, const csk_quantizer *_Nonnull quantizer, csk_encoder *_Nonnull encoder,
    const csk_segment *_Nonnull segment, const float *_Nonnull vector, uint32_t list, uint32_t row);

/// Copies the code and the bytes of a row to a row of another segment of the same quantizer.
void csk_copy_row(
    const csk_quantizer *_Nonnull quantizer, const csk_segment *_Nonnull from, uint32_t list, uint32_t row,
    csk_row_sink *_Nonnull to, uint32_t to_row, int64_t id);

/// Adds the bytes of `count` rows to `dimension` sums.
void csk_add_bytes(
    const uint8_t *_Nonnull rows, size_t count, size_t dimension, uint64_t *_Nonnull sums);

/// The numbers 0 … count − 1 in the order of rising ids; 0 if there is no memory.
int csk_sort_directory(const int64_t *_Nonnull ids, size_t count, uint32_t *_Nonnull directory);

#if defined(__cplusplus)
}
#endif
