#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include "Encoding.h"
#include "Guarded.h"
#include "Parallel.h"

using bridge::guarded;

// LAPACK's eigenvectors of a symmetric matrix, as OpenBLAS has them.
extern "C" void dsyevd_(
    const char *job, const char *triangle, const int *n, double *matrix, const int *stride, double *values,
    double *work, const int *work_size, int *whole_work, const int *whole_work_size, int *status);
extern "C" void dsyrk_(
    const char *triangle, const char *transpose, const int *n, const int *k, const double *alpha,
    const double *a, const int *a_stride, const double *beta, double *c, const int *c_stride);

namespace {

/// Centroids whose nearest are found by the kernels: FAISS's own loops were compiled for SSE2.
class QuickCentroids final : public faiss::IndexFlatL2 {
public:
    QuickCentroids(size_t dimension, const csk_kernel *kernel, int32_t threads)
        : faiss::IndexFlatL2(static_cast<idx_t>(dimension)), kernel(kernel), threads(threads) {}

    void search(
        idx_t count, const float *rows, idx_t k, float *distances, idx_t *labels,
        const faiss::SearchParameters * = nullptr) const override {
        if (k != 1) throw std::invalid_argument("only the nearest centroid can be asked for");
        const Centres centres(
            csk_centres_new(get_xb(), nullptr, static_cast<size_t>(ntotal), static_cast<size_t>(d)));
        if (centres == nullptr) throw std::bad_alloc();
        const size_t all = static_cast<size_t>(count), parts = static_cast<size_t>(threads);
        const size_t share = (all + parts - 1) / parts;
        // A thread that cannot be made must not throw: the kernels' own threads do with those that there are.
        std::atomic<bool> has_failed = false;
        const auto work = [&](size_t part) {
            const size_t first = std::min(all, part * share), last = std::min(all, first + share);
            if (!find_nearest(rows, centres.get(), first, last, distances, labels)) has_failed = true;
        };
        csk_in_parallel(
            parts, [](void *context, size_t part) { (*static_cast<decltype(&work)>(context))(part); },
            const_cast<void *>(static_cast<const void *>(&work)));
        if (has_failed) throw std::bad_alloc();
    }

private:
    struct Free {
        void operator()(csk_centres *centres) const { csk_centres_free(centres); }
    };
    using Centres = std::unique_ptr<csk_centres, Free>;

    bool find_nearest(
        const float *rows, const csk_centres *centres, size_t first, size_t last, float *distances,
        idx_t *labels) const noexcept {
        constexpr size_t at_once = 64;
        const float *vectors[at_once];
        uint32_t best[at_once];
        for (size_t row = first; row < last; row += at_once) {
            const size_t some = std::min(at_once, last - row);
            for (size_t r = 0; r < some; r++) vectors[r] = rows + (row + r) * static_cast<size_t>(d);
            if (!csk_assign(kernel, centres, vectors, some, best)) return false;
            for (size_t r = 0; r < some; r++) labels[row + r] = best[r], distances[row + r] = 0;
        }
        return true;
    }

    const csk_kernel *kernel;
    const int32_t threads;
};

/// A few centroids of a few numbers each, such as the 64 values of a code's part: FAISS's own loops, which are for large
/// matrices, take several times as long.
class FewCentroids final : public faiss::IndexFlatL2 {
public:
    explicit FewCentroids(size_t width) : faiss::IndexFlatL2(static_cast<idx_t>(width)) {}

    void search(
        idx_t count, const float *rows, idx_t k, float *distances, idx_t *labels,
        const faiss::SearchParameters * = nullptr) const override {
        if (k != 1) throw std::invalid_argument("only the nearest centroid can be asked for");
        const size_t width = static_cast<size_t>(d), centroids = static_cast<size_t>(ntotal);
        const std::vector<Four> tiles = in_tiles(centroids, width);
        for (idx_t row = 0; row < count; row++) {
            labels[row] = nearest(tiles, rows + static_cast<size_t>(row) * width, width);
            distances[row] = 0;
        }
    }

private:
    typedef float Four __attribute__((vector_size(16)));
    typedef int32_t FourPlaces __attribute__((vector_size(16)));

    /// Four centroids at a time: half their squares, then their numbers.
    std::vector<Four> in_tiles(size_t centroids, size_t width) const {
        // A place without a centroid is nearest to nothing.
        const float far = std::numeric_limits<float>::infinity();
        std::vector<Four> tiles((centroids + 3) / 4 * (width + 1), Four{0, 0, 0, 0});
        for (size_t c = 0; c < (centroids + 3) / 4 * 4; c++) {
            Four *const tile = tiles.data() + c / 4 * (width + 1);
            double squares = 0;
            for (size_t i = 0; c < centroids && i < width; i++) {
                const float number = get_xb()[c * width + i];
                squares += static_cast<double>(number) * static_cast<double>(number);
                tile[1 + i][c % 4] = number;
            }
            tile[0][c % 4] = c < centroids ? static_cast<float>(squares / 2) : far;
        }
        return tiles;
    }

    /// The first of the centroids for which half its square less its product with the row is least.
    static idx_t nearest(const std::vector<Four> &tiles, const float *row, size_t width) {
        const float far = std::numeric_limits<float>::infinity();
        Four least = {far, far, far, far};
        FourPlaces places = {0, 0, 0, 0}, own = {0, 1, 2, 3};
        for (size_t at = 0; at < tiles.size(); at += width + 1, own += 4) {
            Four cost = tiles[at];
            for (size_t i = 0; i < width; i++) cost -= row[i] * tiles[at + 1 + i];
            const FourPlaces is_less = cost < least;
            least = is_less ? cost : least;
            places = is_less ? own : places;
        }
        int best = 0;
        for (int lane = 1; lane < 4; lane++)
            if (least[lane] < least[best] || (least[lane] == least[best] && places[lane] < places[best])) best = lane;
        return places[best];
    }
};

faiss::ClusteringParameters parameters(size_t count, size_t centres, int32_t iterations) {
    faiss::ClusteringParameters made;
    made.niter = iterations;
    made.seed = 1;
    // The caller chose the sample: neither a warning nor a second sampling.
    made.min_points_per_centroid = 1;
    made.max_points_per_centroid = static_cast<int>(count / centres + 1);
    return made;
}

}  // namespace

extern "C" {

cfaiss_status cfaiss_train_centroids(
    const void *kernel, const float *rows, size_t count, size_t dimension, size_t centres, int32_t iterations,
    int32_t threads, float *centroids, cfaiss_message *message) {
    return guarded(message, [&] {
        bridge::prepare_faiss();
        faiss::Clustering clustering(
            static_cast<int>(dimension), static_cast<int>(centres), parameters(count, centres, iterations));
        QuickCentroids index(dimension, static_cast<const csk_kernel *>(kernel), threads);
        clustering.train(static_cast<faiss::Index::idx_t>(count), rows, index);
        std::copy(clustering.centroids.begin(), clustering.centroids.end(), centroids);
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_train_codebook(
    const float *rows, size_t count, size_t width, size_t values, int32_t iterations, float *codebook,
    cfaiss_message *message) {
    return guarded(message, [&] {
        bridge::prepare_faiss();
        faiss::Clustering clustering(
            static_cast<int>(width), static_cast<int>(values), parameters(count, values, iterations));
        FewCentroids index(width);
        clustering.train(static_cast<faiss::Index::idx_t>(count), rows, index);
        std::copy(clustering.centroids.begin(), clustering.centroids.end(), codebook);
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_principal_axes(
    const float *rows, size_t count, size_t dimension, float *axes, float *squares, cfaiss_message *message) {
    return guarded(message, [&] {
        bridge::prepare_faiss();
        const int n = static_cast<int>(dimension);
        std::vector<double> matrix(dimension * dimension, 0), values(dimension);
        constexpr size_t at_once = 4096;
        std::vector<double> some(std::min(at_once, count) * dimension);
        const double share = 1.0 / static_cast<double>(count), one = 1;
        for (size_t first = 0; first < count; first += at_once) {
            const size_t last = std::min(count, first + at_once);
            std::copy(rows + first * dimension, rows + last * dimension, some.begin());
            const int k = static_cast<int>(last - first);
            dsyrk_("L", "N", &n, &k, &share, some.data(), &n, &one, matrix.data(), &n);
        }
        double best_work = 0;
        int best_whole_work = 0, status = 0;
        const int ask = -1;
        dsyevd_("V", "L", &n, matrix.data(), &n, values.data(), &best_work, &ask, &best_whole_work, &ask, &status);
        const int work_size = static_cast<int>(best_work);
        std::vector<double> work(static_cast<size_t>(work_size));
        std::vector<int> whole_work(static_cast<size_t>(best_whole_work));
        dsyevd_(
            "V", "L", &n, matrix.data(), &n, values.data(), work.data(), &work_size, whole_work.data(),
            &best_whole_work, &status);
        if (status != 0) return bridge::fail(message, cfaiss_failed, "the principal axes could not be computed");
        // LAPACK's values rise; the axes that matter most come first here.
        for (size_t a = 0; a < dimension; a++) {
            const size_t from = dimension - 1 - a;
            squares[a] = static_cast<float>(std::max(0.0, values[from]));
            for (size_t i = 0; i < dimension; i++)
                axes[a * dimension + i] = static_cast<float>(matrix[from * dimension + i]);
        }
        return cfaiss_done;
    });
}

}  // extern "C"
