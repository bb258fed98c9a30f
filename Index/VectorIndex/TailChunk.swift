/// Memory for rows and ids that grows at its end only, or a file of them, mapped.
///
/// The one writer fills rows from the published count on; searches read rows below the count that their
/// snapshot names. The two never touch the same bytes, and the snapshot's lock orders them.
@safe final class TailChunk: @unchecked Sendable {
    // Unchecked and safe: see above. Only the next state in the making, under the writer's lock, appends.

    /// How many rows fit.
    let capacity: Int

    /// The rows one behind the other, float32.
    let rows: UnsafePointer<Float>

    /// The id of each row.
    let ids: UnsafePointer<Int64>

    /// The file the rows lie in; nil if the memory is this object's own.
    private let file: MappedFile?
    private let dimension: Int

    /// Room for `capacity` rows; the system gives the memory as it is filled.
    init(capacity: Int, dimension: Int) {
        self.capacity = capacity
        self.dimension = dimension
        file = nil
        unsafe rows = UnsafePointer(UnsafeMutablePointer<Float>.allocate(capacity: capacity * dimension))
        unsafe ids = UnsafePointer(UnsafeMutablePointer<Int64>.allocate(capacity: capacity))
    }

    /// The rows of a file of `byteCount(rows:dimension:)` bytes: ids, then rows.
    ///
    /// Full from the start.
    init(file: MappedFile, count: Int, dimension: Int) {
        precondition(file.count == Self.byteCount(rows: count, dimension: dimension))
        capacity = count
        self.dimension = dimension
        self.file = file
        unsafe ids = file.start.assumingMemoryBound(to: Int64.self)
        unsafe rows = (file.start + count * MemoryLayout<Int64>.size).assumingMemoryBound(to: Float.self)
    }

    deinit {
        guard file == nil else { return }
        unsafe rows.deallocate()
        unsafe ids.deallocate()
    }

    /// Bytes that `rows` rows take.
    static func byteCount(rows: Int, dimension: Int) -> Int {
        rows * (MemoryLayout<Int64>.size + dimension * MemoryLayout<Float>.size)
    }

    /// Writes `count` rows behind the first `filled`; there is room for them.
    func append(
        after filled: Int, ids newIDs: UnsafePointer<Int64>, rows newRows: UnsafePointer<Float>, count: Int
    ) {
        precondition(file == nil && filled + count <= capacity)
        let ownIDs = unsafe UnsafeMutablePointer(mutating: ids)
        let ownRows = unsafe UnsafeMutablePointer(mutating: rows)
        unsafe (ownIDs + filled).initialize(from: newIDs, count: count)
        unsafe (ownRows + filled * dimension).initialize(from: newRows, count: count * dimension)
    }
}
