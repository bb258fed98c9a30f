internal import CFaiss

/// The one owner of lists that FAISS made or mapped.
///
/// Once built they are only read, from any thread.
@safe final class FaissLists: @unchecked Sendable {
    // Unchecked: `add` is called before the object is shared. Safe: the pointer never leaves, but for
    // lists and centroids that callers use while they keep this object.

    private let raw: OpaquePointer

    /// Numbers in a vector.
    let dimension: Int
    /// How many lists there are.
    let count: Int

    private init(taking raw: OpaquePointer) {
        unsafe self.raw = raw
        unsafe dimension = cfaiss_dimension(raw)
        unsafe count = cfaiss_list_count(raw)
    }

    deinit { unsafe cfaiss_free(raw) }

    /// Rounds of k-means; later ones hardly move a centroid.
    private static let iterations: Int32 = 8

    /// Empty lists around centroids of `rows`, of which there are at least `count`.
    static func trained(
        on rows: [Float], dimension: Int, count: Int, threads: Int
    ) throws(IndexError) -> FaissLists {
        try unsafe make { made, message in
            unsafe rows.withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return cfaiss_failed }
                return unsafe cfaiss_train(
                    start, buffer.count / dimension, dimension, count, iterations, Int32(clamping: threads),
                    made,
                    message)
            }
        }
    }

    /// The lists of a file, mapped.
    static func mapped(_ path: String) throws(IndexError) -> FaissLists {
        do {
            return try unsafe make { made, message in unsafe cfaiss_open(path, made, message) }
        } catch {
            guard case .faiss(let problem) = error else { throw error }
            throw .damaged(file: path, problem: problem)
        }
    }

    /// Empty lists with the same centroids.
    func emptied() throws(IndexError) -> FaissLists {
        try unsafe Self.make { made, message in unsafe cfaiss_copy_centroids(raw, made, message) }
    }

    private static func make(
        _ body: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<cfaiss_message>) -> cfaiss_status
    ) throws(IndexError) -> FaissLists {
        var made: OpaquePointer?
        var message = cfaiss_message()
        let status = unsafe body(&made, &message)
        guard status == cfaiss_done, let made = unsafe made else { throw .faiss(message.line) }
        return unsafe FaissLists(taking: made)
    }

    /// Puts rows into the lists of their best centroids.
    func add(
        ids: UnsafeBufferPointer<Int64>, rows: UnsafeBufferPointer<Float>, threads: Int
    ) throws(IndexError) {
        guard let firstID = ids.baseAddress, let firstRow = rows.baseAddress else { return }
        var message = cfaiss_message()
        let status = unsafe cfaiss_add(raw, firstID, firstRow, ids.count, Int32(clamping: threads), &message)
        guard status == cfaiss_done else { throw .faiss(message.line) }
    }

    /// Rows in all lists.
    var rowCount: Int { unsafe cfaiss_row_count(raw) }

    /// Where list `index` lies.
    func list(_ index: Int) -> cfaiss_list { unsafe cfaiss_list_at(raw, index) }

    /// The centroids, row-major.
    var centroids: UnsafePointer<Float> { unsafe cfaiss_centroids(raw) }

    /// All ids ascending, and the row of each counted list after list.
    func sortedIDs() throws(IndexError) -> (ids: [Int64], rows: [UInt32]) {
        var ids = [Int64](repeating: 0, count: rowCount)
        var rows = [UInt32](repeating: 0, count: rowCount)
        var message = cfaiss_message()
        guard unsafe cfaiss_sort_ids(raw, &ids, &rows, &message) == cfaiss_done else {
            throw .faiss(message.line)
        }
        return (ids, rows)
    }

    /// For each query its best row but for the one of id `besides`: similarity, and the rank of its list.
    func rankBest(
        of queries: [Float], besides: [Int64], threads: Int
    ) throws(IndexError) -> (similarities: [Float], ranks: [UInt32]) {
        var similarities = [Float](repeating: 0, count: besides.count)
        var ranks = [UInt32](repeating: 0, count: besides.count)
        var message = cfaiss_message()
        let status = unsafe cfaiss_rank_best(
            raw, queries, besides, besides.count, Int32(clamping: threads), &similarities, &ranks, &message)
        guard status == cfaiss_done else { throw .faiss(message.line) }
        return (similarities, ranks)
    }

    /// For each query the rank of the list that `lists` names.
    func rankOwn(of queries: [Float], lists: [UInt32], threads: Int) throws(IndexError) -> [UInt32] {
        var ranks = [UInt32](repeating: 0, count: lists.count)
        var message = cfaiss_message()
        let status = unsafe cfaiss_rank_own(
            raw, queries, lists, lists.count, Int32(clamping: threads), &ranks, &message)
        guard status == cfaiss_done else { throw .faiss(message.line) }
        return ranks
    }

    /// Bytes of its FAISS file.
    func fileSize() throws(IndexError) -> Int {
        var size = 0
        try unsafe write { bytes in
            size += bytes.count
            return true
        }
        return size
    }

    /// Hands the bytes of a FAISS file to `sink` from first to last, until it answers false.
    func write(to sink: (UnsafeRawBufferPointer) -> Bool) throws(IndexError) {
        var message = cfaiss_message()
        let status = unsafe withSink(sink) { function, context in
            unsafe cfaiss_write(raw, function, context, &message)
        }
        guard status == cfaiss_done else { throw .faiss(message.line) }
    }
}

/// Lends a Swift closure to C as function and context.
func withSink(
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

extension cfaiss_message {
    /// The message as a string.
    var line: String {
        unsafe withUnsafeBytes(of: text) { bytes in
            let end = unsafe bytes.firstIndex(of: 0) ?? bytes.count
            return unsafe String(decoding: bytes[..<end], as: UTF8.self)
        }
    }
}
