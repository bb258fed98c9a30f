#include <cstring>
#include <limits>
#include <vector>

#include "Lists.h"

using bridge::guarded;

// Fortran's C = alpha * op(A) * op(B) + beta * C of OpenBLAS; its integers are 32 bits wide.
extern "C" int sgemm_(
    const char *transpose_a, const char *transpose_b, const int *m, const int *n, const int *k,
    const float *alpha, const float *a, const int *lda, const float *b, const int *ldb, const float *beta,
    float *c, const int *ldc);

namespace {

/// out[q * rows + r] = queries[q] . vectors[r]
void inner_products(
    const float *queries, size_t count, const float *vectors, size_t rows, int dimension, float *out) {
    const int m = static_cast<int>(rows), n = static_cast<int>(count);
    const float one = 1, zero = 0;
    sgemm_("T", "N", &m, &n, &dimension, &one, vectors, &dimension, queries, &dimension, &zero, out, &m);
}

/// How many centroids are nearer to each query than that of its list; equal ones count by their number.
void rank_lists(
    const cfaiss_lists &lists, const float *queries, const uint32_t *lists_of, size_t count,
    uint32_t *ranks) {
    const size_t centroids = lists.index->nlist, some = 256;
    const int dimension = static_cast<int>(lists.index->d);
    std::vector<float> scores(some * centroids);
    for (size_t first = 0; first < count; first += some) {
        const size_t now = std::min(some, count - first);
        inner_products(
            queries + first * static_cast<size_t>(dimension), now, cfaiss_centroids(&lists), centroids,
            dimension, scores.data());
        for (size_t q = 0; q < now; q++) {
            const float *row = scores.data() + q * centroids;
            const size_t own = lists_of[first + q];
            uint32_t nearer = 0;
            for (size_t c = 0; c < centroids; c++)
                nearer += row[c] > row[own] || (row[c] == row[own] && c < own) ? 1 : 0;
            ranks[first + q] = nearer;
        }
    }
}

}  // namespace

extern "C" {

cfaiss_status cfaiss_rank_own(
    const cfaiss_lists *lists, const float *queries, const uint32_t *lists_of, size_t count, int32_t threads,
    uint32_t *ranks, cfaiss_message *message) {
    return guarded(message, [&] {
        bridge::use_threads(threads);
        rank_lists(*lists, queries, lists_of, count, ranks);
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_rank_best(
    const cfaiss_lists *lists, const float *queries, const int64_t *besides, size_t count, int32_t threads,
    float *similarities, uint32_t *ranks, cfaiss_message *message) {
    return guarded(message, [&] {
        bridge::use_threads(threads);
        const int dimension = static_cast<int>(lists->index->d);
        std::vector<float> products;
        std::vector<uint32_t> best_list(count, 0);
        std::vector<int64_t> best_id(count, std::numeric_limits<int64_t>::max());
        for (size_t q = 0; q < count; q++) similarities[q] = -std::numeric_limits<float>::infinity();
        for (size_t l = 0; l < lists->index->nlist; l++) {
            const cfaiss_list list = cfaiss_list_at(lists, l);
            // A list that holds a large part of all rows is taken in pieces.
            for (size_t first = 0; first < list.count; first += 1024) {
                const size_t rows = std::min<size_t>(1024, list.count - first);
                const auto *ids = static_cast<const int64_t *>(list.ids) + first;
                products.resize(count * rows);
                inner_products(
                    queries, count,
                    static_cast<const float *>(list.rows) + first * static_cast<size_t>(dimension), rows,
                    dimension, products.data());
                for (size_t q = 0; q < count; q++) {
                    const float *row = products.data() + q * rows;
                    for (size_t r = 0; r < rows; r++) {
                        if (row[r] < similarities[q] || ids[r] == besides[q]) continue;
                        if (row[r] == similarities[q] && ids[r] > best_id[q]) continue;
                        similarities[q] = row[r], best_id[q] = ids[r], best_list[q] = static_cast<uint32_t>(l);
                    }
                }
            }
        }
        rank_lists(*lists, queries, best_list.data(), count, ranks);
        return cfaiss_done;
    });
}

}  // extern "C"
