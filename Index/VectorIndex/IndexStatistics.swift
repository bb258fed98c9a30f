/// What an index consists of at one moment.
public struct IndexStatistics: Equatable, Sendable {
    /// How much of the lists an approximate search reads for a given loss.
    ///
    /// A search reads on until what it has read suffices for the best answer it has: few lists for a probe
    /// that is much like a reference, many for a stranger.
    public struct ProbedShare: Codable, Equatable, Sendable {
        /// Lists read, of `IndexStatistics.lists`, on average by references that search their nearest other.
        public let probes: Int

        /// Fraction of best answers missed, at most, as measured, 0…1.
        public let loss: Double
    }

    /// Vectors that can be found.
    public let count: Int

    /// Inverted lists; 0 while everything is compared.
    public let lists: Int

    /// Vectors the lists were built from.
    public let trainedCount: Int

    /// Removed vectors that still take room.
    public let tombstones: Int

    /// Vectors outside the lists, compared in every search.
    public let tailCount: Int

    /// Memory and mapped files together, in bytes.
    public let bytes: Int

    /// Lists read against loss, as measured when the lists were built, by descending loss; empty without lists.
    public let calibration: [ProbedShare]

    /// Probes the calibration was measured with.
    public let calibrationProbes: Int
}

extension VectorIndex {
    /// What the index consists of now.
    ///
    /// O(1).
    public var statistics: IndexStatistics { snapshot.statistics }

}

extension Snapshot {
    var statistics: IndexStatistics {
        IndexStatistics(
            count: count, lists: base?.lists.count ?? 0, trainedCount: base?.rowCount ?? 0,
            tombstones: removedCount, tailCount: tail.liveCount,
            bytes: tail.bytes + (base?.bytes ?? 0) + (baseRemoved?.capacity ?? 0) / 8,
            calibration: base?.calibration.shares ?? [],
            calibrationProbes: base?.calibration.queries ?? 0)
    }
}

extension Base {
    /// Memory and mapped files, in bytes.
    var bytes: Int {
        rowCount * (lists.dimension * MemoryLayout<Float>.size + MemoryLayout<Int64>.size)
            + lists.count * lists.dimension * MemoryLayout<Float>.size
            + BaseDirectory.byteCount(rows: directory.count)
    }
}
