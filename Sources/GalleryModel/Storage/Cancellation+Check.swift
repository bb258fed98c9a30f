public import Concurrency

extension Cancellation {
    /// Ends a call that was cancelled or whose deadline has passed, by throwing.
    ///
    /// - Parameter what: the call, as the subject of a sentence: "the search".
    /// - Throws: `cancelled`, or `late`.
    public func check(_ what: String) throws(StoreError) {
        if isCancelled { throw .cancelled }
        if isLate { throw .late(doing: what) }
    }
}
