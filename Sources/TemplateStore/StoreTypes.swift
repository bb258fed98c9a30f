/// Number of a reference: 1, 2, 3 … in the order of enrolment, never used again after a removal.
public typealias ReferenceID = Int64

/// Number of a subject inside one gallery: stays the same when the subject is renamed, never used again.
public typealias SubjectNumber = UInt64

/// What a gallery fixes when it is created; only a change of its network (`migrate`) makes it another.
public struct StoreSettings: Sendable, Hashable, Codable {
    /// Numbers a template has: a multiple of 4 in 16...2048.
    public var dimension: Int
    /// Name of the network that makes the templates, 1...255 bytes of UTF-8.
    public var networkName: String
    /// Fingerprint of that network's weights (SHA-256 in hexadecimal, say), 1...255 bytes of UTF-8.
    public var networkFingerprint: String
    /// Whether references may have chips: pictures of the faces that their templates were made of.
    public var keepsChips: Bool

    /// Collects the settings; `TemplateStore.create` checks them.
    public init(
        dimension: Int, networkName: String, networkFingerprint: String, keepsChips: Bool = false
    ) {
        self.dimension = dimension
        self.networkName = networkName
        self.networkFingerprint = networkFingerprint
        self.keepsChips = keepsChips
    }

    /// The dimensions a gallery may have; of these, multiples of 4.
    public static let dimensions = 16...2048
}

/// How good the photo of a reference was for recognition.
public struct ReferenceQuality: Sendable, Hashable, Codable {
    /// Longer side of the face's box, in pixels of the photo; 0...2_147_483_647.
    public var faceSize: Int
    /// Sharpness of the chip, in the unit of the module that measured it.
    public var sharpness: Double
    /// Turn of the head to its side, degrees.
    public var yaw: Double
    /// Tilt of the head, degrees.
    public var roll: Double
    /// Overall score, 0...1, higher is better.
    public var score: Double

    /// Collects the measurements.
    public init(faceSize: Int, sharpness: Double, yaw: Double, roll: Double, score: Double) {
        self.faceSize = faceSize
        self.sharpness = sharpness
        self.yaw = yaw
        self.roll = roll
        self.score = score
    }
}

extension ReferenceQuality {
    /// Sharpness that no photo exceeds.
    private static let sharpnesses = 0.0...1e12
    /// Degrees.
    private static let angles = -360.0...360.0
    private static let scores = -1e6...1e6

    /// Why no photo has such a quality, with the range that it misses; nil for one that a gallery can hold.
    package var fault: String? {
        if !(0...Int(Int32.max)).contains(faceSize) {
            return "its quality has a face of \(faceSize) pixels; 0...\(Int32.max) are possible"
        }
        for (name, number, range) in [
            ("a sharpness", sharpness, Self.sharpnesses), ("a yaw", yaw, Self.angles),
            ("a roll", roll, Self.angles), ("a score", score, Self.scores),
        ] where !range.contains(number) {
            return "its quality has \(name) of \(number); \(range.lowerBound)...\(range.upperBound) is possible"
        }
        return nil
    }
}

extension ReferenceQuality {
    var isFinite: Bool { [sharpness, yaw, roll, score].allSatisfy(\.isFinite) }
}

extension NewReference {
    /// Times of enrolment, in seconds since 1970: some thirty thousand years to either side.
    package static let times = -1e12...1e12
}

/// How the file of a source stood when it was read: a file that still stands so need not be read again.
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

/// A reference to be enrolled.
public struct NewReference: Sendable {
    /// Name of the subject, which is created when it is new; `SubjectName` says what names are possible.
    public var subject: String
    /// Where the template came from (a file name, a URL), at most 65,535 bytes of UTF-8; may be empty.
    public var source: String
    /// SHA-256 of the source, 32 bytes, or nil; `StoreReading.reference(withDigest:subject:)` finds it again.
    public var sourceDigest: [UInt8]?
    /// How the source's file stood when its digest was taken, if it is a file.
    public var sourceStamp: SourceStamp?
    /// Quality of the photo, if one was measured.
    public var quality: ReferenceQuality?
    /// When it was enrolled, seconds since 1970-01-01 00:00 UTC; the moment of storing it where nil.
    public var enrolled: Double?
    /// What else is known of it, kept as it is: at most 65,535 bytes as JSON.
    public var metadata: [String: String]
    /// The picture of its face, for a gallery that keeps chips; nil for none.
    public var chip: ReferenceChip?
    /// The template: as many numbers as the gallery's dimension, length 1 within 0.001.
    public var template: [Float]

    /// Collects the parts; `StoreWriter.add` checks them.
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

/// An enrolled reference without its template.
public struct Reference: Sendable, Hashable {
    /// Its number.
    public let id: ReferenceID
    /// The subject it belongs to.
    public let subject: SubjectNumber
    /// Where the template came from.
    public internal(set) var source: String
    /// SHA-256 of the source, 32 bytes, if it was given.
    public let sourceDigest: [UInt8]?
    /// How the source's file stood when it was read, if it was given.
    public internal(set) var sourceStamp: SourceStamp?
    /// Quality of the photo, if it was given.
    public internal(set) var quality: ReferenceQuality?
    /// What else is known of it; empty where nothing was given.
    public internal(set) var metadata: [String: String] = [:]
    /// When it was enrolled, seconds since 1970-01-01 00:00 UTC.
    public let enrolled: Double
    /// Whether its chip is kept.
    public internal(set) var hasChip = false
}

/// An enrolled identity.
public struct Subject: Sendable, Hashable {
    /// Its number.
    public let number: SubjectNumber
    /// Its name, unique in the gallery byte for byte.
    public let name: String
    /// References it has, 1 or more.
    public let referenceCount: Int
}

/// How far a gallery has come: two equal positions of one gallery hold the same vectors.
///
/// A follower (an index) that remembers a position catches up with `forEachVector(after:)` and
/// `removals(after:)`.
public struct StorePosition: Sendable, Hashable, Codable {
    /// The highest id ever given, 0 in a new gallery.
    public var highestReference: ReferenceID
    /// Sequence number of the latest removal, 0 when there was none.
    public var removals: UInt64

    /// Collects the two numbers.
    public init(highestReference: ReferenceID, removals: UInt64) {
        self.highestReference = highestReference
        self.removals = removals
    }
}
