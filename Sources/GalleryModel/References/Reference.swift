/// Size and modification time of a source's file when it was read.
///
/// If both are unchanged, it need not be read again.
public struct SourceStamp: Sendable, Hashable, Codable {
    /// Bytes of the file, 0 or more.
    public var size: Int64
    /// When it was last modified: nanoseconds since 1970-01-01 00:00 UTC.
    public var modified: Int64

    /// Collects the two numbers.
    public init(size: Int64, modified: Int64) {
        self.size = size
        self.modified = modified
    }
}

/// An enrolled reference without its template.
public struct Reference: Sendable, Hashable {
    /// Its number.
    public let id: ReferenceID
    /// The subject that it belongs to.
    public let subject: SubjectNumber
    /// Where the template came from.
    public var source: String
    /// SHA-256 of the source, 32 bytes, if it was given.
    public let sourceDigest: [UInt8]?
    /// Size and modification time of the source's file when it was read, if they were given.
    public var sourceStamp: SourceStamp?
    /// Quality of the photo, if it was given.
    public var quality: ReferenceQuality?
    /// Further facts about it; empty if none were given.
    public var metadata: [String: String] = [:]
    /// When it was enrolled, seconds since 1970-01-01 00:00 UTC.
    public let enrolled: Double
    /// Whether the gallery keeps its chip.
    public var hasChip = false

    /// Collects the parts, as a storage knows them.
    public init(
        id: ReferenceID, subject: SubjectNumber, source: String, sourceDigest: [UInt8]? = nil,
        sourceStamp: SourceStamp? = nil, quality: ReferenceQuality? = nil, metadata: [String: String] = [:],
        enrolled: Double, hasChip: Bool = false
    ) {
        (self.id, self.subject, self.source) = (id, subject, source)
        (self.sourceDigest, self.sourceStamp) = (sourceDigest, sourceStamp)
        (self.quality, self.metadata) = (quality, metadata)
        (self.enrolled, self.hasChip) = (enrolled, hasChip)
    }
}

/// An enrolled identity.
public struct Subject: Sendable, Hashable {
    /// Its number.
    public let number: SubjectNumber
    /// Its name, unique in the gallery byte for byte.
    public let name: String
    /// How many references it has, 1 or more.
    public let referenceCount: Int

    /// Collects the parts, as a storage knows them.
    public init(number: SubjectNumber, name: String, referenceCount: Int) {
        (self.number, self.name, self.referenceCount) = (number, name, referenceCount)
    }
}
