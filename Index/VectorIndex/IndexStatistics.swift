/// What an index consists of at one moment.
public struct IndexStatistics: Equatable, Sendable {
    /// How much of the lists an approximate search reads for a given loss.
    public struct ProbedShare: Codable, Equatable, Sendable {
        /// Lists read, of `IndexStatistics.lists`.
        public let probes: Int

        /// Fraction of best answers missed when so many lists are read, as measured, 0…1.
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

    /// Lists read against loss measured when the lists were built, by ascending probes; empty without lists.
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
            count: count, lists: 0, trainedCount: 0, tombstones: tail.removed?.count ?? 0,
            tailCount: tail.liveCount, bytes: tail.bytes, calibration: [], calibrationProbes: 0)
    }
}
