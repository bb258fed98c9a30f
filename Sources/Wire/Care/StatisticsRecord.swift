package import Gallery
internal import GalleryModel
internal import Network
package import VectorIndex

/// How large a gallery is and what it is made of: the line of `stats`.
public struct StatisticsRecord: Codable, Hashable, Sendable {
    /// How a gallery is searched.
    public struct Index: Codable, Hashable, Sendable {
        /// What a search leaves unread for a given loss.
        public struct CalibratedLoss: Codable, Hashable, Sendable {
            /// Share of exact best answers that may be missed, 0…1.
            public var loss: Double
            /// The share that was missed when the index was trained.
            public var measured: Double
            /// Share of all codes that a search reads, 0…1.
            public var codesRead: Double
        }

        /// Lists; 0 while every template is compared.
        public var lists: Int
        /// References that the lists were trained on.
        public var trained: Int
        /// Removed references that still take room.
        public var removed: Int
        /// References that are in no list yet.
        public var added: Int
        /// Parts that the lists are in.
        public var parts: Int
        /// Bytes of memory and of files that are mapped.
        public var bytes: Int
        /// By descending loss; empty without lists.
        public var calibration: [CalibratedLoss]

        /// The index of a gallery.
        package init(_ index: IndexStatistics) {
            (lists, trained) = (index.lists, index.trainedCount)
            (removed, added) = (index.tombstones, index.looseCount)
            (parts, bytes) = (index.parts, index.bytes)
            calibration = index.calibration.map {
                CalibratedLoss(loss: $0.loss, measured: $0.measured, codesRead: $0.codesRead)
            }
        }
    }

    /// Pictures of faces that a gallery keeps.
    public struct Chips: Codable, Hashable, Sendable {
        /// References that have one.
        public var count: Int
        /// Bytes that they take.
        public var bytes: Int
    }

    /// A change of the network that is not finished.
    public struct Migration: Codable, Hashable, Sendable {
        /// The new network's name.
        public var network: String
        /// Templates that are made.
        public var made: Int
        /// Bytes that it takes.
        public var bytes: Int
    }

    /// Enrolled subjects.
    public var subjects: Int
    /// Enrolled references.
    public var references: Int
    /// Numbers in a template.
    public var dimension: Int
    /// The network's name; `given-templates` where another program makes them.
    public var network: String
    /// The network's fingerprint.
    public var fingerprint: String
    /// Bytes on the disk.
    public var bytes: Int
    /// Files and folders that killed processes left.
    public var leftovers: Int
    /// Bytes of those.
    public var leftoverBytes: Int
    /// A change of the network that is not finished; nil where none is.
    public var migration: Migration?
    /// Pictures of faces; nil where the gallery keeps none.
    public var chips: Chips?
    /// Cosine from which two photos are one person's; nil where none is known.
    public var threshold: Double?
    /// Share of pairs of different people that reach it.
    public var thresholdFalseMatchRate: Double?
    /// Cosine from which a search names somebody; nil where none is known.
    public var identificationThreshold: Double?
    /// Share of searches for strangers that would name somebody in a gallery as large as this; nil where it is not
    /// known for this threshold.
    public var expectedFalsePositiveRate: Double?
    /// What `calibrate` measured; nil where the gallery is not calibrated.
    public var calibration: CalibrationRecord?
    /// What the gallery was told about how it decides.
    public var set: DecisionSettingsRecord
    /// Version of the gallery's format.
    public var format: Int
    /// When the gallery was last changed, in seconds since 1970-01-01 00:00 UTC; nil where its storage does not know.
    public var changed: Double?
    /// References that are not in the saved index yet.
    public var unsaved: Int
    /// How the gallery is searched; nil where its storage has no index.
    public var index: Index?

    /// The counts of a gallery.
    package init(_ counts: GalleryStatistics, of gallery: FaceGallery) throws(GalleryError) {
        (subjects, references) = (counts.subjects, counts.references)
        let settings = gallery.settings
        (dimension, network) = (settings.dimension, settings.networkName)
        fingerprint = settings.networkFingerprint
        (bytes, leftovers, leftoverBytes) = (counts.bytes, counts.leftovers, counts.leftoverBytes)
        migration = counts.migration.map { Migration(network: $0.network, made: $0.made, bytes: $0.bytes) }
        chips = counts.chips.map { Chips(count: $0.count, bytes: $0.bytes) }
        threshold = gallery.verificationThreshold?.similarity
        thresholdFalseMatchRate = gallery.verificationThreshold?.falseMatchRate
        identificationThreshold = try gallery.identificationThreshold()
        expectedFalsePositiveRate = try gallery.strangerRate()?.expected
        if let found = try gallery.calibration() {
            calibration = try? CalibrationRecord(
                found, references: counts.references, fingerprint: settings.networkFingerprint)
        }
        set = DecisionSettingsRecord(try gallery.decisionSettings())
        (format, changed, unsaved) = (counts.format, counts.changed, counts.unsaved)
        index = counts.index.map(Index.init)
    }
}
