/// Memory for rows and ids that grows at its end only.
///
/// The one writer fills rows from the published count on; searches read rows below the count that their
/// snapshot names. The two never touch the same bytes, and the snapshot's lock orders them.
@safe final class TailChunk: @unchecked Sendable {
    // Unchecked: see above. Only VectorIndex, under its writer's lock, calls `append`.

    /// How many rows fit.
    let capacity: Int

    /// The rows one behind the other, float32.
    let rows: UnsafeMutablePointer<Float>

    /// The id of each row.
    let ids: UnsafeMutablePointer<Int64>

    private let dimension: Int

    /// Room for `capacity` rows; the system gives the memory as it is filled.
    init(capacity: Int, dimension: Int) {
        self.capacity = capacity
        self.dimension = dimension
        unsafe rows = .allocate(capacity: capacity * dimension)
        unsafe ids = .allocate(capacity: capacity)
    }

    deinit {
        unsafe rows.deallocate()
        unsafe ids.deallocate()
    }

    /// Writes `count` rows behind the first `filled`; there is room for them.
    func append(
        after filled: Int, ids newIDs: UnsafePointer<Int64>, rows newRows: UnsafePointer<Float>, count: Int
    ) {
        precondition(filled + count <= capacity)
        unsafe (ids + filled).initialize(from: newIDs, count: count)
        unsafe (rows + filled * dimension).initialize(from: newRows, count: count * dimension)
    }
}
