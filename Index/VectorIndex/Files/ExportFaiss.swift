internal import CFaiss
internal import Glibc

extension VectorIndex {
    /// Writes a file that FAISS (Python's `faiss.read_index`) opens, with the ids and every vector of now.
    ///
    /// An index with lists becomes an IndexIVFFlat around the same centroids, one without an IndexIDMap over an
    /// IndexFlatIP; both under the inner product. Its `nprobe` is a quarter of its lists, which finds 97 % of the first
    /// answers among 210,000 margin-softmax templates; `nlist` finds all. The file appears whole or not at all. All vectors are in memory
    /// meanwhile. O(count · dimension).
    public func exportFaiss(to path: String) throws(IndexError) {
        let state = state
        var file = try AsideFile(path, headLimit: 0)
        if let quantizer = state.quantizer {
            try file.writeLists(state, quantizer, source, kernel)
        } else {
            try file.writeFlat(state)
        }
        _ = try file.commit()
    }
}

extension AsideFile {
    fileprivate mutating func writeFlat(_ state: IndexState) throws(IndexError) {
        var rows = SampledRows(dimension: state.dimension, capacity: state.count)
        unsafe state.loose.forEach { _, id, floats in unsafe rows.append(id: id, floats: floats) }
        var message = cfaiss_message()
        let status = unsafe withSink({ unsafe append($0) }) { function, context in
            unsafe cfaiss_write_flat(
                rows.ids, rows.floats, rows.count, state.dimension, function, context, &message)
        }
        try check()
        guard status == cfaiss_done else { throw .faiss(message.line) }
    }

    fileprivate mutating func writeLists(
        _ state: IndexState, _ quantizer: Quantizer, _ source: any VectorSource, _ kernel: Kernel
    ) throws(IndexError) {
        let lists = try FaissLists(quantizer)
        var looseIDs: [Int64] = []
        unsafe state.loose.forEach { _, id, _ in looseIDs.append(id) }
        looseIDs.sort()
        let loose =
            looseIDs.isEmpty
            ? nil
            : try SegmentBuilder(quantizer: quantizer, kernel: kernel, threads: 1)
                .segment(of: looseIDs, from: LayeredSource(loose: state.loose, source: source))
        let parts = state.segments + (loose.map { [SegmentPart(segment: $0, removed: nil)] } ?? [])
        try LayeredSource(loose: state.loose, source: source).reading { reader throws(IndexError) in
            for part in parts {
                var failure: IndexError?
                part.forEachRow { list, row in
                    let id = unsafe part.segment.ids[row]
                    guard failure == nil, let vector = unsafe reader.vector(of: id) else { return }
                    do throws(IndexError) { try unsafe lists.add(id, vector, to: list) } catch {
                        failure = error
                    }
                }
                if let failure { throw failure }
            }
        }
        let status = try unsafe lists.write { unsafe append($0) }
        try check()
        if let status { throw .faiss(status) }
    }
}

/// The one owner of lists that FAISS holds.
@safe private struct FaissLists: ~Copyable {
    // Safe: the pointer never leaves, and is freed by deinit.
    private let raw: OpaquePointer

    init(_ quantizer: Quantizer) throws(IndexError) {
        var made: OpaquePointer?
        var message = cfaiss_message()
        let status = unsafe cfaiss_lists_new(
            quantizer.centroids, quantizer.listCount, quantizer.dimension, &made, &message)
        guard status == cfaiss_done, let made = unsafe made else { throw .faiss(message.line) }
        unsafe raw = made
    }

    deinit { unsafe cfaiss_lists_free(raw) }

    func add(_ id: Int64, _ vector: UnsafePointer<Float>, to list: Int) throws(IndexError) {
        var message = cfaiss_message()
        guard unsafe cfaiss_lists_add(raw, list, id, vector, &message) == cfaiss_done else {
            throw .faiss(message.line)
        }
    }

    /// Hands the bytes of a FAISS file to `sink`; what FAISS says if it failed.
    func write(to sink: (UnsafeRawBufferPointer) -> Bool) throws(IndexError) -> String? {
        var message = cfaiss_message()
        let status = unsafe withSink(sink) { function, context in
            unsafe cfaiss_lists_write(raw, function, context, &message)
        }
        return status == cfaiss_done ? nil : message.line
    }
}

/// Lends a Swift closure to C as function and context.
private func withSink(
    _ sink: (UnsafeRawBufferPointer) -> Bool,
    _ body: (cfaiss_sink, UnsafeMutableRawPointer) -> cfaiss_status
) -> cfaiss_status {
    unsafe withoutActuallyEscaping(sink) { sink in
        var box = unsafe SinkBox(take: sink)
        return unsafe withUnsafeMutablePointer(to: &box) { pointer in
            unsafe body(
                { context, bytes, count in
                    guard let context = unsafe context else { return 1 }
                    let box = unsafe context.assumingMemoryBound(to: SinkBox.self)
                    return unsafe box.pointee.take(UnsafeRawBufferPointer(start: bytes, count: count)) ? 0 : 1
                }, UnsafeMutableRawPointer(pointer))
        }
    }
}

@unsafe private struct SinkBox {
    let take: (UnsafeRawBufferPointer) -> Bool
}
