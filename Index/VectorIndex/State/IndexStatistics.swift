/// What an index consists of at one moment.
public struct IndexStatistics: Equatable, Sendable {
    /// One calibrated loss, as measured when the index was trained.
    public struct CalibratedLoss: Codable, Equatable, Sendable {
        /// The share of searches that may miss their best answer, 0…1, which a search can ask for.
        public let loss: Double

        /// The share of the calibration's probes that missed it.
        public let measured: Double

        /// The share of all codes that is read, 0…1, on average over references that search their nearest other reference.
        public let codesRead: Double
    }

    /// Vectors that can be found.
    public let count: Int

    /// How many lists there are; 0 while everything is compared.
    public let lists: Int

    /// How many segments there are: one after training, further ones for additions.
    public let parts: Int

    /// How many vectors there were at the last training; 0 if there was none.
    public let trainedCount: Int

    /// Removed vectors that still take space.
    public let tombstones: Int

    /// Vectors outside the lists, compared in every search.
    public let looseCount: Int

    /// Memory and mapped files together, in bytes, without the vectors of the source.
    public let bytes: Int

    /// By descending loss; empty without lists.
    public let calibration: [CalibratedLoss]

    /// Probes the calibration was measured with.
    public let calibrationProbes: Int

    /// How many bytes a vector takes in the index.
    public var bytesPerReference: Double { count == 0 ? 0 : Double(bytes) / Double(count) }
}

extension VectorIndex {
    /// What the index consists of now.
    ///
    /// O(parts).
    public var statistics: IndexStatistics { state.statistics }
}

extension IndexState {
    var statistics: IndexStatistics {
        let listed = segments.reduce(0) { $0 + $1.segment.region.count + ($1.removed?.capacity ?? 0) / 8 }
        return IndexStatistics(
            count: count, lists: quantizer?.listCount ?? 0, parts: segments.count,
            trainedCount: quantizer?.trainedCount ?? 0, tombstones: removedCount, looseCount: loose.liveCount,
            bytes: listed + (quantizer?.region.count ?? 0) + loose.byteCount,
            calibration: calibration.rows.map {
                .init(loss: $0.loss, measured: $0.measured, codesRead: $0.codesRead)
            },
            calibrationProbes: calibration.probes)
    }
}
