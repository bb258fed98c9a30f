#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "Lists.h"

using bridge::guarded;

extern "C" {

cfaiss_status cfaiss_train(
    const float *rows, size_t count, size_t dimension, size_t lists, int32_t iterations, int32_t threads,
    cfaiss_lists **made, cfaiss_message *message) {
    *made = nullptr;
    return guarded(message, [&] {
        bridge::use_threads(threads);
        auto fresh = bridge::lists_over(
            std::make_unique<faiss::IndexFlatIP>(static_cast<faiss::Index::idx_t>(dimension)), lists);
        auto &parameters = fresh->index->cp;
        parameters.niter = iterations;
        parameters.spherical = true;
        // The caller chose the sample: neither a warning nor a second sampling.
        parameters.min_points_per_centroid = 1;
        parameters.max_points_per_centroid = static_cast<int>(count / lists + 1);
        fresh->index->train(static_cast<faiss::Index::idx_t>(count), rows);
        *made = fresh.release();
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_copy_centroids(const cfaiss_lists *lists, cfaiss_lists **made, cfaiss_message *message) {
    *made = nullptr;
    return guarded(message, [&] {
        auto centroids = std::make_unique<faiss::IndexFlatIP>(lists->index->d);
        centroids->add(lists->centroids->ntotal, cfaiss_centroids(lists));
        auto fresh = bridge::lists_over(std::move(centroids), lists->index->nlist);
        fresh->index->is_trained = true;
        *made = fresh.release();
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_add(
    cfaiss_lists *lists, const int64_t *ids, const float *rows, size_t count, int32_t threads,
    cfaiss_message *message) {
    return guarded(message, [&] {
        bridge::use_threads(threads);
        lists->index->add_with_ids(static_cast<faiss::Index::idx_t>(count), rows, ids);
        return cfaiss_done;
    });
}

void cfaiss_free(cfaiss_lists *lists) { delete lists; }

size_t cfaiss_dimension(const cfaiss_lists *lists) { return static_cast<size_t>(lists->index->d); }
size_t cfaiss_list_count(const cfaiss_lists *lists) { return lists->index->nlist; }
size_t cfaiss_row_count(const cfaiss_lists *lists) { return static_cast<size_t>(lists->index->ntotal); }
const float *cfaiss_centroids(const cfaiss_lists *lists) { return lists->centroids->get_xb(); }

cfaiss_list cfaiss_list_at(const cfaiss_lists *lists, size_t index) {
    const faiss::InvertedLists *inverted = lists->index->invlists;
    const size_t count = inverted->list_size(index);
    if (count == 0) return {nullptr, nullptr, 0};
    return {inverted->get_codes(index), inverted->get_ids(index), count};
}

cfaiss_status cfaiss_sort_ids(
    const cfaiss_lists *lists, int64_t *ids, uint32_t *rows, cfaiss_message *message) {
    return guarded(message, [&] {
        std::vector<std::pair<int64_t, uint32_t>> places;
        places.reserve(cfaiss_row_count(lists));
        uint32_t row = 0;
        for (size_t l = 0; l < lists->index->nlist; l++) {
            const cfaiss_list list = cfaiss_list_at(lists, l);
            for (size_t i = 0; i < list.count; i++) {
                int64_t id;
                std::memcpy(&id, static_cast<const char *>(list.ids) + i * sizeof id, sizeof id);
                places.emplace_back(id, row++);
            }
        }
        std::sort(places.begin(), places.end());
        for (size_t i = 0; i < places.size(); i++) ids[i] = places[i].first, rows[i] = places[i].second;
        return cfaiss_done;
    });
}

}  // extern "C"
