internal import CFaiss
internal import Glibc

extension VectorIndex {
    /// Writes a file that FAISS (Python's `faiss.read_index`) opens, with the ids and every vector of now.
    ///
    /// An index with lists becomes an IndexIVFFlat, one without an IndexIDMap over an IndexFlatIP; both under
    /// the inner product. The file appears whole or not at all. Lists with changes since their making are
    /// copied in memory for it. O(count · dimension), or O(count^1.5 · dimension) with changes.
    public func exportFaiss(to path: String) throws(IndexError) {
        let state = snapshot
        var file = try AsideFile(path, headLimit: 0)
        if let base = state.base {
            if state.baseRemoved == nil && state.tail.count == 0 {
                try file.write(base.lists)
            } else {
                let lists = try base.lists.emptied()
                try state.fill(lists, threads: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
                try file.write(lists)
            }
        } else {
            try file.writeFlat(state)
        }
        _ = try file.commit()
    }
}

extension AsideFile {
    fileprivate mutating func writeFlat(_ state: Snapshot) throws(IndexError) {
        var rows = SampledRows(dimension: state.dimension, capacity: state.count)
        unsafe state.forEach { id, floats in unsafe rows.append(id: id, floats: floats) }
        var message = cfaiss_message()
        let status = unsafe withSink({ unsafe append($0) }) { function, context in
            unsafe cfaiss_write_flat(
                rows.ids, rows.floats, rows.count, state.dimension, function, context, &message)
        }
        try check()
        guard status == cfaiss_done else { throw .faiss(message.line) }
    }
}
