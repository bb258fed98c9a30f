internal import CSearchKernels

/// Memory for rows outside of lists that grows at its end only.
///
/// The one writer fills rows from the published count on; searches read rows below the count that their
/// state names. The two never touch the same bytes, and the state's lock orders them.
@safe final class LooseChunk: @unchecked Sendable {
    // Unchecked and safe: see above. Only the next state in the making, under the writer's lock, appends.

    /// How many rows fit.
    let capacity: Int
    let ids: UnsafePointer<Int64>
    /// Float32, as they were added.
    let vectors: UnsafePointer<Float>
    let steps: UnsafePointer<Float>
    let errors: UnsafePointer<Float>
    let bytes: UnsafePointer<UInt8>
    private let region: Region
    private let dimension: Int

    /// Where the parts of `capacity` rows begin.
    private struct Layout {
        let ids: Int
        let vectors: Int
        let steps: Int
        let errors: Int
        let bytes: Int
        let size: Int

        /// Nil for more than memory can hold.
        init?(capacity: Int, dimension: Int) {
            var sections = Sections()
            ids = sections.next(Int64.self, capacity)
            vectors = sections.next(Float.self, capacity, dimension)
            steps = sections.next(Float.self, capacity)
            errors = sections.next(Float.self, capacity)
            bytes = sections.next(UInt8.self, capacity, dimension)
            size = sections.end
            guard !sections.isTooLarge else { return nil }
        }
    }

    /// Room for `capacity` rows; the system gives the memory as it is filled.
    init(capacity: Int, dimension: Int) throws(IndexError) {
        guard let layout = Layout(capacity: capacity, dimension: dimension) else {
            throw .noMemory(bytes: .max)
        }
        let region = try Region(zeros: layout.size)
        self.region = region
        self.capacity = capacity
        self.dimension = dimension
        unsafe ids = (region.start + layout.ids).assumingMemoryBound(to: Int64.self)
        unsafe vectors = (region.start + layout.vectors).assumingMemoryBound(to: Float.self)
        unsafe steps = (region.start + layout.steps).assumingMemoryBound(to: Float.self)
        unsafe errors = (region.start + layout.errors).assumingMemoryBound(to: Float.self)
        unsafe bytes = (region.start + layout.bytes).assumingMemoryBound(to: UInt8.self)
    }

    /// Memory taken, in bytes, with room for rows to come.
    var byteCount: Int { region.count }

    /// Writes rows behind the first `filled`, for which there is room; returns the largest step of theirs.
    func append(
        after filled: Int, ids newIDs: UnsafePointer<Int64>, vectors newVectors: UnsafePointer<Float>,
        count: Int
    ) -> Float {
        precondition(filled + count <= capacity)
        let ownIDs = unsafe UnsafeMutablePointer(mutating: ids)
        let ownVectors = unsafe UnsafeMutablePointer(mutating: vectors)
        unsafe (ownIDs + filled).update(from: newIDs, count: count)
        unsafe (ownVectors + filled * dimension).update(from: newVectors, count: count * dimension)
        var largest: Float = 0
        for row in filled..<filled + count {
            let step = unsafe UnsafeMutablePointer(mutating: steps) + row
            unsafe csk_loose_row(
                vectors + row * dimension, dimension, UnsafeMutablePointer(mutating: bytes) + row * dimension,
                step, UnsafeMutablePointer(mutating: errors) + row)
            largest = unsafe max(largest, step.pointee)
        }
        return largest
    }
}
