#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/// FAISS's training, lists and file format, without its C++.
///
/// Every function that can fail returns a status and then fills `message`; no exception leaves it. Counts
/// and pointers are believed: the caller checks them.

typedef enum : int32_t { cfaiss_done = 0, cfaiss_failed = 1 } cfaiss_status;

enum { cfaiss_message_capacity = 512 };

/// What went wrong, as one line ended by a zero.
typedef struct { char text[cfaiss_message_capacity]; } cfaiss_message;

/// Finds `centres` centroids of `count` ≥ `centres` rows by k-means (squared distance), into `centroids`.
///
/// `kernel` is the csk_kernel that compares.
cfaiss_status cfaiss_train_centroids(
    const void *_Nonnull kernel, const float *_Nonnull rows, size_t count, size_t dimension, size_t centres,
    int32_t iterations, int32_t threads, float *_Nonnull centroids, cfaiss_message *_Nonnull message);

/// The same for few values of few numbers, on one thread.
cfaiss_status cfaiss_train_codebook(
    const float *_Nonnull rows, size_t count, size_t width, size_t values, int32_t iterations,
    float *_Nonnull codebook, cfaiss_message *_Nonnull message);

/// The principal axes of rows about zero, a row each, and the mean square along each, falling.
cfaiss_status cfaiss_principal_axes(
    const float *_Nonnull rows, size_t count, size_t dimension, float *_Nonnull axes, float *_Nonnull squares,
    cfaiss_message *_Nonnull message);

/// Inverted lists of unit vectors under the inner product (an IndexIVFFlat), owned by the caller that made them.
typedef struct cfaiss_lists cfaiss_lists;

/// Empty lists around centroids, row-major.
cfaiss_status cfaiss_lists_new(
    const float *_Nonnull centroids, size_t lists, size_t dimension, cfaiss_lists *_Nullable *_Nonnull made,
    cfaiss_message *_Nonnull message);

/// Adds a row to a list.
cfaiss_status cfaiss_lists_add(
    cfaiss_lists *_Nonnull lists, size_t list, int64_t id, const float *_Nonnull row,
    cfaiss_message *_Nonnull message);

void cfaiss_lists_free(cfaiss_lists *_Nonnull lists);

/// Takes bytes of a file from first to last; returns 0 if it took them.
typedef int32_t (*cfaiss_sink)(void *_Nullable context, const void *_Nonnull bytes, size_t count);

/// Writes the lists in FAISS's format.
cfaiss_status cfaiss_lists_write(
    const cfaiss_lists *_Nonnull lists, cfaiss_sink _Nonnull sink, void *_Nullable context,
    cfaiss_message *_Nonnull message);

/// Writes an IndexIDMap over an IndexFlatIP of these rows.
cfaiss_status cfaiss_write_flat(
    const int64_t *_Nullable ids, const float *_Nullable rows, size_t count, size_t dimension,
    cfaiss_sink _Nonnull sink, void *_Nullable context, cfaiss_message *_Nonnull message);

/// Reads any file of FAISS into memory and tells its ids, for tests: the kind ("IndexIVFFlat",
/// "IndexIDMap" …), how many rows, and up to `capacity` ids in the file's order.
cfaiss_status cfaiss_read_ids(
    const char *_Nonnull path, int64_t *_Nonnull ids, size_t capacity, size_t *_Nonnull rows,
    size_t *_Nonnull dimension, cfaiss_message *_Nonnull message);

#if defined(__cplusplus)
}
#endif
