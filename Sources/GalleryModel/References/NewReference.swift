/// A reference to be enrolled.
public struct NewReference: Sendable {
    /// Name of the subject, which is created if it is new.
    ///
    /// `SubjectName` says which names are possible.
    public var subject: String
    /// Where the template came from (a file name, a URL), at most 65,535 bytes of UTF-8; may be empty.
    public var source: String
    /// SHA-256 of the source, 32 bytes, or nil; `GalleryReading.reference(withDigest:subject:)` finds it again.
    public var sourceDigest: [UInt8]?
    /// Size and modification time of the source's file when its digest was computed, if it is a file.
    public var sourceStamp: SourceStamp?
    /// Quality of the photo, if one was measured.
    public var quality: ReferenceQuality?
    /// When it was enrolled, in seconds since 1970-01-01 00:00 UTC; if nil, the time at which it is stored.
    public var enrolled: Double?
    /// Further facts about it, stored as they are: at most 65,535 bytes as JSON.
    public var metadata: [String: String]
    /// The picture of its face, for a gallery that keeps chips; nil for none.
    public var chip: ReferenceChip?
    /// The template: as many numbers as the gallery's dimension, length 1 within 0.001.
    public var template: [Float]

    /// Collects the parts; `check` says whether a gallery can store them.
    public init(
        subject: String, source: String, sourceDigest: [UInt8]? = nil, sourceStamp: SourceStamp? = nil,
        quality: ReferenceQuality? = nil, enrolled: Double? = nil, metadata: [String: String] = [:],
        chip: ReferenceChip? = nil, template: [Float]
    ) {
        self.subject = subject
        self.source = source
        self.sourceDigest = sourceDigest
        self.sourceStamp = sourceStamp
        self.quality = quality
        self.enrolled = enrolled
        self.metadata = metadata
        self.chip = chip
        self.template = template
    }
}

extension NewReference {
    /// Times of enrolment, in seconds since 1970: some thirty thousand years to either side.
    package static let times = -1e12...1e12
    /// Bytes of UTF-8 that a source may have.
    public static let longestSource = Int(UInt16.max)
    /// Bytes that metadata may have as JSON.
    public static let longestMetadata = Int(UInt16.max)
    /// Bytes of a source's digest, which is a SHA-256.
    public static let digestSize = 32

    /// Refuses a reference that no gallery with these settings can store.
    ///
    /// Every storage calls this before it stores anything, so that all storages refuse the same.
    ///
    /// - Parameters:
    ///   - settings: dimension and network of the gallery.
    ///   - item: the reference's place in its batch, from 0, which errors name.
    /// - Throws: `badVector`, `invalidName`, `invalidReference`.
    /// - Complexity: O(dimension + bytes of its texts).
    public func check(for settings: StoreSettings, item: Int = 0) throws(StoreError) {
        do throws(VectorProblem) {
            try UnitVector.check(template.span, dimension: settings.dimension)
        } catch { throw .badVector(item: item, reason: error) }
        _ = try SubjectName.canonical(subject)
        if let sourceDigest, sourceDigest.count != Self.digestSize {
            throw .invalidReference(
                item: item, reason: "its source's digest has \(sourceDigest.count) bytes instead of 32")
        }
        try Self.check(source: source, item: item)
        if let enrolled, !Self.times.contains(enrolled) {
            throw .invalidReference(
                item: item, reason: "its time of enrolment, \(enrolled) seconds since 1970, is not possible")
        }
        if let problem = quality?.fault { throw .invalidReference(item: item, reason: problem) }
        try Self.check(metadata: metadata, item: item)
        guard let chip else { return }
        guard settings.keepsChips else {
            throw .invalidReference(item: item, reason: "it has a chip, but the gallery keeps no chips")
        }
        if let problem = chip.fault { throw .invalidReference(item: item, reason: problem) }
    }

    /// Refuses metadata that is too long.
    ///
    /// - Throws: `invalidReference`.
    public static func check(metadata: [String: String], item: Int = 0) throws(StoreError) {
        if let problem = metadataProblem(metadata) { throw .invalidReference(item: item, reason: problem) }
    }

    /// Refuses a source that is too long.
    ///
    /// - Throws: `invalidReference`.
    public static func check(source: String, item: Int = 0) throws(StoreError) {
        if source.utf8.count > longestSource {
            throw .invalidReference(item: item, reason: "its source is longer than 65,535 bytes; shorten it")
        }
    }

    /// Why metadata cannot be stored, with the remedy; nil if it can.
    ///
    /// Linear in its length.
    public static func metadataProblem(_ metadata: [String: String]) -> String? {
        guard let bytes = MetadataText.encode(metadata), bytes.count > longestMetadata else { return nil }
        return "its metadata has \(bytes.count) bytes as JSON, at most 65,535 are allowed; shorten it"
    }
}
