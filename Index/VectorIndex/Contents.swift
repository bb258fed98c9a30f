extension VectorIndex {
    /// Whether a vector is in the index under `id`.
    ///
    /// O(log count).
    public func contains(_ id: Int64) -> Bool { snapshot.contains(id) }

    /// The vector added under `id`, or nil if there is none.
    ///
    /// O(log count + dimension).
    public func vector(of id: Int64) -> [Float]? { snapshot.vector(of: id) }

    /// Visits every vector of this moment, in no promised order.
    ///
    /// The buffer holds `dimension` numbers and is valid until `body` returns. O(count).
    public func forEach(_ body: (Int64, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
        try unsafe snapshot.forEach(body)
    }
}
