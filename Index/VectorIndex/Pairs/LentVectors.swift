internal import CSearchKernels

/// Unit vectors where they lie, for as long as their owner keeps them there.
///
/// Its maker guarantees that every pointer leads to `dimension` numbers that neither change nor move while the value is
/// used, from any thread.
@safe public struct LentVectors: @unchecked Sendable {
    // Unchecked and safe: the memory is only read, and its owner keeps it.
    let pointers: [UnsafePointer<Float>]
    /// Numbers in a vector.
    public let dimension: Int

    /// Vectors at these places.
    public init(_ pointers: [UnsafePointer<Float>], dimension: Int) {
        unsafe self.pointers = pointers
        self.dimension = dimension
    }

    /// How many there are.
    public var count: Int { unsafe pointers.count }

    /// Where the vector of a row lies.
    public subscript(row: Int) -> UnsafePointer<Float> { unsafe pointers[row] }

    /// The mean of all, not scaled to any length.
    ///
    /// O(count · dimension).
    public var mean: [Float] { PackedRows.mean(of: self) }

    /// The inner products of some numbers with every vector, by the kernels of exact search.
    ///
    /// O(count · dimension).
    public func products(with probe: [Float]) throws(IndexError) -> [Float] {
        guard probe.count == dimension else {
            throw .wrongDimension(floats: probe.count, vectors: 1, dimension: dimension)
        }
        let kernel = try Kernel.chosen()
        var products = [Float](repeating: 0, count: count)
        for row in 0..<count {
            unsafe kernel.table.pointee.rows(probe, pointers[row], 1, dimension, &products[row])
        }
        return products
    }

    /// The cosine of two of them, by the kernels of exact search.
    public func similarity(_ row: Int, _ other: Int) throws(IndexError) -> Float {
        let kernel = try Kernel.chosen()
        var similarity: Float = 0
        unsafe kernel.table.pointee.rows(pointers[row], pointers[other], 1, dimension, &similarity)
        return similarity
    }
}
