/// Makes a base from everything a snapshot answers with: train, fill, measure.
struct BaseBuilder {
    private let source: Snapshot
    private let threads: Int

    /// For a snapshot of at least one vector.
    init(_ source: Snapshot, threads: Int) {
        self.source = source
        self.threads = threads
    }

    /// Lists for `count` vectors: five for each four on the square's side.
    ///
    /// More lists leave a little less to read, but training and filling them grow with their number, and the
    /// templates of faces, which fill most of their dimensions, gain little from it.
    static func listCount(for count: Int) -> Int {
        max(1, min(65_536, Int(1.25 * Double(count).squareRoot())))
    }

    /// Rows k-means sees for each list.
    private static let sampledRowsPerList = 64

    /// Rows that become calibration queries; with them a loss of 0.1 % can be vouched for.
    private static let calibrationRows = 4_096

    /// A state with all of the source in lists and nothing in the tail.
    func snapshot() throws(IndexError) -> Snapshot {
        let count = source.count
        guard count <= Int(UInt32.max) else { throw .faiss("\(count) vectors are more than lists can hold") }
        let lists = try filled(count)
        let directory = try BaseDirectory(of: lists)
        let uncalibrated = Base(
            lists: lists, directory: directory, calibration: .none, files: nil)
        let rows = sample(min(count, Self.calibrationRows), of: count, offset: 1)
        let calibration = try Calibrator(base: uncalibrated, rows: rows, threads: threads).calibration()
        return Snapshot(
            base: Base(lists: lists, directory: directory, calibration: calibration, files: nil),
            tail: Tail(dimension: source.dimension))
    }

    private func filled(_ count: Int) throws(IndexError) -> FaissLists {
        let listCount = Self.listCount(for: count)
        let rows = sample(min(count, listCount * Self.sampledRowsPerList), of: count, offset: 0)
        let lists = try FaissLists.trained(
            on: rows.floats, dimension: source.dimension, count: listCount, threads: threads)
        try source.fill(lists, threads: threads)
        return lists
    }

    /// `wanted` rows at equal distances in the source's order, the first a little further in by `offset`.
    private func sample(_ wanted: Int, of count: Int, offset: Int) -> SampledRows {
        var rows = SampledRows(dimension: source.dimension, capacity: wanted)
        var row = 0
        unsafe source.forEach { id, floats in
            let shifted = (row + offset * count / (2 * wanted)) % count
            if shifted * wanted / count != (shifted + 1) * wanted / count {
                unsafe rows.append(id: id, floats: floats)
            }
            row += 1
        }
        return rows
    }
}

/// Some vectors of an index, copied.
struct SampledRows {
    let dimension: Int
    private(set) var ids: [Int64] = []
    private(set) var floats: [Float] = []

    init(dimension: Int, capacity: Int) {
        self.dimension = dimension
        ids.reserveCapacity(capacity)
        floats.reserveCapacity(capacity * dimension)
    }

    var count: Int { ids.count }

    mutating func append(id: Int64, floats row: UnsafeBufferPointer<Float>) {
        ids.append(id)
        unsafe floats.append(contentsOf: row)
    }

    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        floats.removeAll(keepingCapacity: true)
    }

    /// The floats of one row.
    subscript(row: Int) -> ArraySlice<Float> { floats[row * dimension..<(row + 1) * dimension] }
}

extension Snapshot {
    /// Puts every vector of this state into lists, a few megabytes at a time.
    func fill(_ lists: FaissLists, threads: Int) throws(IndexError) {
        let some = max(1, min(65_536, (32 << 20) / (dimension * MemoryLayout<Float>.size)))
        var waiting = SampledRows(dimension: dimension, capacity: some)
        func flush() throws(IndexError) {
            try unsafe waiting.ids.withUnsafeBufferPointer { ids throws(IndexError) in
                try unsafe waiting.floats.withUnsafeBufferPointer { floats throws(IndexError) in
                    try unsafe lists.add(ids: ids, rows: floats, threads: threads)
                }
            }
            waiting.removeAll()
        }
        do {
            try unsafe forEach { id, floats in
                unsafe waiting.append(id: id, floats: floats)
                if waiting.count == some { try flush() }
            }
        } catch let error as IndexError {
            throw error
        } catch {
            throw .faiss("\(error)")
        }
        try flush()
    }
}
