public import Concurrency

extension Cancellation {
    /// Ends a call whose caller wishes that, or whose deadline is over.
    ///
    /// - Parameter what: the call, as the subject of a sentence: "the search".
    /// - Throws: `cancelled`, or `late`.
    public func check(_ what: String) throws(StoreError) {
        if isCancelled { throw .cancelled }
        if isLate { throw .late(doing: what) }
    }
}
