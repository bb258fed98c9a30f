#include <vector>

#include <faiss/IndexIDMap.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <faiss/invlists/OnDiskInvertedLists.h>

#include "Lists.h"

using bridge::fail;
using bridge::guarded;

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

cfaiss_status not_lists(cfaiss_message *message, const char *text) {
    return fail(message, cfaiss_not_lists, text);
}

/// Whether `index` is what this bridge writes, with all its lists inside the file.
cfaiss_status check(const cfaiss_lists &lists, cfaiss_message *message) {
    const faiss::IndexIVFFlat &index = *lists.index;
    const auto *mapped = dynamic_cast<const faiss::OnDiskInvertedLists *>(index.invlists);
    if (mapped == nullptr) return not_lists(message, "its lists cannot be mapped");
    if (lists.centroids == nullptr || index.metric_type != faiss::METRIC_INNER_PRODUCT || index.d < 1)
        return not_lists(message, "it has no inner-product centroids");
    if (static_cast<size_t>(lists.centroids->ntotal) != index.nlist || lists.centroids->d != index.d ||
        mapped->nlist != index.nlist || mapped->code_size != static_cast<size_t>(index.d) * sizeof(float))
        return not_lists(message, "its parts do not fit together");
    size_t rows = 0;
    for (const auto &list : mapped->lists) {
        const size_t bytes = list.size * (mapped->code_size + sizeof(faiss::Index::idx_t));
        if (list.offset > mapped->totsize || bytes > mapped->totsize - list.offset)
            return not_lists(message, "a list reaches beyond its end");
        rows += list.size;
    }
    if (rows != static_cast<size_t>(index.ntotal)) return not_lists(message, "its lists do not add up");
    return cfaiss_done;
}

}  // namespace

extern "C" {

cfaiss_status cfaiss_open(const char *path, cfaiss_lists **opened, cfaiss_message *message) {
    *opened = nullptr;
    return guarded(message, [&] {
        std::unique_ptr<faiss::Index> any(
            faiss::read_index(path, faiss::IO_FLAG_MMAP | faiss::IO_FLAG_READ_ONLY));
        auto lists = std::make_unique<cfaiss_lists>();
        lists->index.reset(dynamic_cast<faiss::IndexIVFFlat *>(any.get()));
        if (lists->index == nullptr) return not_lists(message, "it holds another kind of index");
        any.release();
        lists->centroids = dynamic_cast<const faiss::IndexFlat *>(lists->index->quantizer);
        const cfaiss_status status = check(*lists, message);
        if (status == cfaiss_done) *opened = lists.release();
        return status;
    });
}

cfaiss_status cfaiss_write(
    const cfaiss_lists *lists, cfaiss_sink sink, void *context, cfaiss_message *message) {
    return guarded(message, [&] {
        SinkWriter writer(sink, context);
        const auto *mapped = dynamic_cast<const faiss::OnDiskInvertedLists *>(lists->index->invlists);
        if (mapped != nullptr) {
            // FAISS would write the name of the mapped file instead of the lists; the map is the file.
            if (writer(mapped->ptr, 1, mapped->totsize) != mapped->totsize)
                return fail(message, cfaiss_failed, "the file could not be written");
        } else {
            faiss::write_index(lists->index.get(), &writer);
        }
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
            return not_lists(message, "it holds no ids");
        }
        if (static_cast<size_t>(any->ntotal) != found.size())
            return not_lists(message, "its ids do not add up");
        for (size_t i = 0; i < found.size() && i < capacity; i++) ids[i] = found[i];
        *rows = found.size();
        *dimension = static_cast<size_t>(any->d);
        return cfaiss_done;
    });
}

}  // extern "C"
