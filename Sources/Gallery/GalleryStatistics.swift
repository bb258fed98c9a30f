public import GalleryModel
public import VectorIndex

/// Counts of a gallery.
public struct GalleryStatistics: Sendable {
    /// Enrolled subjects.
    public let subjects: Int
    /// Enrolled references.
    public let references: Int
    /// Bytes that the gallery's folder takes on this machine's disk, as `du` counts them; 0 where the storage is
    /// elsewhere.
    public let bytes: Int
    /// Version of the gallery's format.
    public let format: Int
    /// When the gallery was last changed, in seconds since 1970-01-01 00:00 UTC; `nil` where the storage is elsewhere.
    public let changed: Double?
    /// The index, as saved or as this process has updated it; `nil` if the storage has none of its own.
    ///
    /// It may be behind the references, and is empty if there is none yet.
    public let index: IndexStatistics?
    /// Files and folders that killed processes left in the gallery; the next opening that may write removes them.
    public let leftovers: Int
    /// Bytes of those.
    public let leftoverBytes: Int
    /// A change of the network that is not finished.
    public let migration: UnfinishedMigration?
    /// Pictures of faces; nil if the gallery keeps none.
    public let chips: ChipStatistics?

    init(
        subjects: Int, references: Int, bytes: Int, format: Int = 1, changed: Double? = nil,
        index: IndexStatistics?, leftovers: Int = 0,
        leftoverBytes: Int = 0, migration: UnfinishedMigration? = nil, chips: ChipStatistics? = nil
    ) {
        (self.subjects, self.references, self.bytes, self.index) = (subjects, references, bytes, index)
        (self.format, self.changed) = (format, changed)
        (self.leftovers, self.leftoverBytes) = (leftovers, leftoverBytes)
        (self.migration, self.chips) = (migration, chips)
    }

    /// What is known of a storage on another machine.
    init(_ size: GallerySize) {
        self.init(subjects: size.subjects, references: size.references, bytes: 0, index: nil)
    }

    /// References that are not in the index as it is saved, and that each process therefore takes in anew; 0 while
    /// everything is compared.
    public var unsaved: Int {
        guard let index, index.lists > 0 else { return 0 }
        return max(0, references - index.count)
    }
}
