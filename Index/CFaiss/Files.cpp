#include <algorithm>
#include <memory>
#include <vector>

#include <faiss/IndexFlat.h>
#include <faiss/IndexIDMap.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>

#include "Guarded.h"

using bridge::fail;
using bridge::guarded;

/// The one owner of an index and of its centroids.
struct cfaiss_lists {
    std::unique_ptr<faiss::IndexFlatIP> centroids;
    std::unique_ptr<faiss::IndexIVFFlat> index;
};

namespace {

struct SinkWriter final : faiss::IOWriter {
    cfaiss_sink sink;
    void *context;

    SinkWriter(cfaiss_sink sink, void *context) : sink(sink), context(context) { name = "index file"; }

    size_t operator()(const void *bytes, size_t size, size_t items) override {
        if (size == 0 || items == 0) return items;
        return sink(context, bytes, size * items) == 0 ? items : 0;
    }
};

}  // namespace

extern "C" {

cfaiss_status cfaiss_lists_new(
    const float *centroids, size_t lists, size_t dimension, cfaiss_lists **made, cfaiss_message *message) {
    *made = nullptr;
    return guarded(message, [&] {
        auto fresh = std::make_unique<cfaiss_lists>();
        fresh->centroids = std::make_unique<faiss::IndexFlatIP>(static_cast<faiss::Index::idx_t>(dimension));
        fresh->centroids->add(static_cast<faiss::Index::idx_t>(lists), centroids);
        fresh->index = std::make_unique<faiss::IndexIVFFlat>(
            fresh->centroids.get(), dimension, lists, faiss::METRIC_INNER_PRODUCT);
        fresh->index->is_trained = true;
        // FAISS itself begins with one list, which misses most answers. A quarter of the lists finds 97 % of them.
        fresh->index->nprobe = std::max<size_t>(1, (lists + 3) / 4);
        *made = fresh.release();
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_lists_add(
    cfaiss_lists *lists, size_t list, int64_t id, const float *row, cfaiss_message *message) {
    return guarded(message, [&] {
        lists->index->invlists->add_entry(list, id, reinterpret_cast<const uint8_t *>(row));
        lists->index->ntotal++;
        return cfaiss_done;
    });
}

void cfaiss_lists_free(cfaiss_lists *lists) { delete lists; }

cfaiss_status cfaiss_lists_write(
    const cfaiss_lists *lists, cfaiss_sink sink, void *context, cfaiss_message *message) {
    return guarded(message, [&] {
        SinkWriter writer(sink, context);
        faiss::write_index(lists->index.get(), &writer);
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_write_flat(
    const int64_t *ids, const float *rows, size_t count, size_t dimension, cfaiss_sink sink, void *context,
    cfaiss_message *message) {
    return guarded(message, [&] {
        faiss::IndexFlatIP flat(static_cast<faiss::Index::idx_t>(dimension));
        faiss::IndexIDMap map(&flat);
        if (count > 0) map.add_with_ids(static_cast<faiss::Index::idx_t>(count), rows, ids);
        SinkWriter writer(sink, context);
        faiss::write_index(&map, &writer);
        return cfaiss_done;
    });
}

cfaiss_status cfaiss_read_ids(
    const char *path, int64_t *ids, size_t capacity, size_t *rows, size_t *dimension,
    cfaiss_message *message) {
    *rows = 0;
    return guarded(message, [&] {
        const std::unique_ptr<faiss::Index> any(faiss::read_index(path));
        std::vector<int64_t> found;
        if (const auto *map = dynamic_cast<const faiss::IndexIDMap *>(any.get())) {
            found.assign(map->id_map.begin(), map->id_map.end());
        } else if (const auto *lists = dynamic_cast<const faiss::IndexIVF *>(any.get())) {
            for (size_t list = 0; list < lists->nlist; list++) {
                const auto *of_list = lists->invlists->get_ids(list);
                found.insert(found.end(), of_list, of_list + lists->invlists->list_size(list));
            }
        } else {
            return fail(message, cfaiss_failed, "it holds no ids");
        }
        if (static_cast<size_t>(any->ntotal) != found.size())
            return fail(message, cfaiss_failed, "its ids do not add up");
        for (size_t i = 0; i < found.size() && i < capacity; i++) ids[i] = found[i];
        *rows = found.size();
        *dimension = static_cast<size_t>(any->d);
        return cfaiss_done;
    });
}

}  // extern "C"
