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

typedef enum : int32_t { cfaiss_done = 0, cfaiss_failed = 1, cfaiss_not_lists = 2 } cfaiss_status;

enum { cfaiss_message_capacity = 512 };

/// What went wrong, as one line ended by a zero.
typedef struct { char text[cfaiss_message_capacity]; } cfaiss_message;

/// Inverted lists of unit vectors under the inner product (an IndexIVFFlat), owned by whoever made them.
typedef struct cfaiss_lists cfaiss_lists;

/// Finds `lists` centroids of `count` ≥ `lists` rows by spherical k-means; the lists are empty.
cfaiss_status cfaiss_train(
    const float *_Nonnull rows, size_t count, size_t dimension, size_t lists, int32_t iterations,
    int32_t threads, cfaiss_lists *_Nullable *_Nonnull made, cfaiss_message *_Nonnull message);

/// Puts rows into the lists of their best centroids.
cfaiss_status cfaiss_add(
    cfaiss_lists *_Nonnull lists, const int64_t *_Nonnull ids, const float *_Nonnull rows, size_t count,
    int32_t threads, cfaiss_message *_Nonnull message);

/// Opens a file of `cfaiss_write`: centroids and list sizes are read, the lists are mapped. Anything that is
/// not such a file, or whose lists reach beyond its end, is `cfaiss_not_lists`.
cfaiss_status cfaiss_open(
    const char *_Nonnull path, cfaiss_lists *_Nullable *_Nonnull opened, cfaiss_message *_Nonnull message);

/// Ends the map or frees the lists.
void cfaiss_free(cfaiss_lists *_Nonnull lists);

size_t cfaiss_dimension(const cfaiss_lists *_Nonnull lists);
size_t cfaiss_list_count(const cfaiss_lists *_Nonnull lists);
size_t cfaiss_row_count(const cfaiss_lists *_Nonnull lists);

/// The centroids, row-major, list after list; valid until the lists are freed.
const float *_Nonnull cfaiss_centroids(const cfaiss_lists *_Nonnull lists);

/// Where one list lies: float32 rows, 64-bit ids, neither aligned in a mapped file; valid until `cfaiss_add`
/// or `cfaiss_free`. An empty list has NULL pointers.
typedef struct {
    const void *_Nullable rows;
    const void *_Nullable ids;
    size_t count;
} cfaiss_list;

cfaiss_list cfaiss_list_at(const cfaiss_lists *_Nonnull lists, size_t index);

/// Every id in ascending order and the row it lies at, rows counted list after list; both arrays have
/// `cfaiss_row_count` places. Equal ids come in the order of their rows.
cfaiss_status cfaiss_sort_ids(
    const cfaiss_lists *_Nonnull lists, int64_t *_Nonnull ids, uint32_t *_Nonnull rows,
    cfaiss_message *_Nonnull message);

/// Takes bytes of a file from first to last; returns 0 if it took them.
typedef int32_t (*cfaiss_sink)(void *_Nullable context, const void *_Nonnull bytes, size_t count);

/// Writes the lists in FAISS's format; the rows and ids of the lists are the end of the file. Mapped lists
/// give the bytes they were opened from.
cfaiss_status cfaiss_write(
    const cfaiss_lists *_Nonnull lists, cfaiss_sink _Nonnull sink, void *_Nullable context,
    cfaiss_message *_Nonnull message);

/// Writes an IndexIDMap over an IndexFlatIP of these rows.
cfaiss_status cfaiss_write_flat(
    const int64_t *_Nullable ids, const float *_Nullable rows, size_t count, size_t dimension,
    cfaiss_sink _Nonnull sink, void *_Nullable context, cfaiss_message *_Nonnull message);

/// Makes empty lists with the centroids of others.
cfaiss_status cfaiss_copy_centroids(
    const cfaiss_lists *_Nonnull lists, cfaiss_lists *_Nullable *_Nonnull made,
    cfaiss_message *_Nonnull message);

/// For each query: the best row but for the one of id `besides` (-1: none), its similarity, and how many
/// centroids are nearer than that of the list which holds it. The rows are in memory, not mapped.
cfaiss_status cfaiss_rank_best(
    const cfaiss_lists *_Nonnull lists, const float *_Nonnull queries, const int64_t *_Nonnull besides,
    size_t count, int32_t threads, float *_Nonnull similarities, uint32_t *_Nonnull ranks,
    cfaiss_message *_Nonnull message);

/// For each query: how many centroids are nearer than that of the list `lists_of` names.
cfaiss_status cfaiss_rank_own(
    const cfaiss_lists *_Nonnull lists, const float *_Nonnull queries, const uint32_t *_Nonnull lists_of,
    size_t count, int32_t threads, uint32_t *_Nonnull ranks, cfaiss_message *_Nonnull message);

/// Reads any file of FAISS into memory and tells its ids, for tests: the kind ("IndexIVFFlat",
/// "IndexIDMap" …), how many rows, and up to `capacity` ids in the file's order.
cfaiss_status cfaiss_read_ids(
    const char *_Nonnull path, int64_t *_Nonnull ids, size_t capacity, size_t *_Nonnull rows,
    size_t *_Nonnull dimension, cfaiss_message *_Nonnull message);

#if defined(__cplusplus)
}
#endif
