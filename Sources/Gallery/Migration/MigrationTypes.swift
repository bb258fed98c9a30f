public import FaceImage
public import GalleryModel
import TemplateStore

/// How a gallery's network is changed.
public struct MigrationSettings: Sendable {
    /// The new network: a name in the cache, or a directory with a slash in its path, which is copied into the gallery.
    public var network: String
    /// Where networks are kept.
    public var models = ModelCache.standard
    /// Whether references that cannot be made again leave the gallery; otherwise they keep it from being changed.
    public var dropsMissing = false
    /// Whether the largest face counts of a photo that shows several, where the old network does not tell which.
    public var takesLargestFace = false
    /// Whether everything is done but writing: no template is made, and nothing is changed.
    public var isDryRun = false
    /// Photos in work at once, 1 or more.
    public var jobs = 1
    /// The largest photo that is decoded.
    public var limits = DecodeLimits.standard
    /// How long to wait for others to close the gallery before its templates are exchanged.
    public var patience = Duration.seconds(600)

    /// The change to a network.
    public init(network: String) { self.network = network }
}

/// A reference whose template cannot be made again.
public struct MissingReference: Sendable, Equatable {
    /// Why not.
    public enum Reason: String, Sendable, CaseIterable {
        /// It was given as a template, and no photo is known.
        case given
        /// There is no file in the place of its photo, or none that may be read.
        case noPhoto = "no_photo"
        /// The file in the place of its photo has other bytes.
        case changed
        /// Its photo is not decoded.
        case undecodable
        /// No face was found in its photo.
        case noFace = "no_face"
        /// Several faces were found in its photo, and nothing tells which was enrolled.
        case severalFaces = "several_faces"
        /// The network gave no template for its face.
        case noTemplate = "no_template"
        /// Its photo does not serve, and neither does its chip, which is damaged.
        case damagedChip = "damaged_chip"

        /// The reason behind a count.
        var words: String {
            switch self {
            case .given: "given as templates, without a photo"
            case .noPhoto: "whose photo is gone"
            case .changed: "whose photo was changed"
            case .undecodable: "whose photo cannot be decoded"
            case .noFace: "whose photo shows no face"
            case .severalFaces: "whose photo shows several faces"
            case .noTemplate: "whose face the network cannot encode"
            case .damagedChip: "whose photo cannot be used and whose chip is damaged"
            }
        }
    }

    /// The reference.
    public let reference: ReferenceID
    /// Its subject's name.
    public let subject: String
    /// Where its photo was.
    public let source: String
    /// Why not.
    public let reason: Reason
    /// One line that says so.
    public let message: String
}

/// How many references cannot be converted, and why.
public struct MissingReferences: Sendable, Equatable {
    /// The number of such references for each reason.
    public private(set) var counts: [MissingReference.Reason: Int] = [:]
    /// The first few of them.
    public private(set) var examples: [MissingReference] = []
    /// Examples that are kept.
    private static let most = 5

    /// None so far.
    public init() {}

    /// How many there are.
    public var count: Int { counts.values.reduce(0, +) }

    mutating func add(_ missing: MissingReference) {
        counts[missing.reason, default: 0] += 1
        if examples.count < Self.most { examples.append(missing) }
    }

    /// The counts with their reasons, and the examples.
    public var text: String {
        let reasons = MissingReference.Reason.allCases.compactMap { reason in
            counts[reason].map { "\($0) \(reason.words)" }
        }
        let names = examples.map { "'\($0.subject)' (reference \($0.reference): \($0.message))" }
        return reasons.joined(separator: ", ") + "; for example " + names.joined(separator: ", ")
    }
}

/// What a change of a gallery's network tells while it is at work.
public enum MigrationEvent: Sendable {
    /// The work begins: references in the gallery, of which so many were made by earlier runs.
    case begun(references: Int, made: Int)
    /// References of this run that are done, of those that it found to do; some of them cannot be made again.
    case progress(done: Int, of: Int, missing: Int)
    /// A reference cannot be made again.
    case missing(MissingReference)
    /// Others have the gallery open, and are waited for.
    case waiting
    /// References were enrolled meanwhile, and are made now.
    case catchingUp
    /// The gallery has the new network now, and its index is trained.
    case exchanged
}

/// What a change of a gallery's network did.
public struct MigrationReport: Sendable {
    /// The network that the gallery had.
    public let from: StoreSettings
    /// The network that it has.
    public let to: StoreSettings
    /// References in the gallery when the work began.
    public internal(set) var references = 0
    /// Templates that this run made.
    public internal(set) var made = 0
    /// Those of them that were made from the chips that the gallery keeps, as the photos did not serve.
    public internal(set) var madeFromChips = 0
    /// Templates that earlier runs had made.
    public internal(set) var madeBefore = 0
    /// References that cannot be made again.
    public internal(set) var missing = MissingReferences()
    /// Whether the gallery has the new network; false after a dry run, and where it was interrupted.
    public internal(set) var isDone = false
    /// Whether it ended because the caller asked for that.
    public internal(set) var isInterrupted = false
    /// Bytes of the data file before and after; nil if it was not exchanged.
    public internal(set) var bytes: CompactionReport?

    /// Whether the gallery had the network before.
    public var wasThere: Bool { from.networkFingerprint == to.networkFingerprint }
}

/// A change of a gallery's network that is not finished.
public struct UnfinishedMigration: Sendable, Equatable {
    /// The name of the new network.
    public let network: String
    /// Templates that are made.
    public let made: Int
    /// Bytes that it takes in the gallery's folder.
    public let bytes: Int

    /// One line that says so, and what can be done.
    public var text: String {
        "a change of the network to \(network) is not finished: \(made) templates are made, \(bytes) bytes; "
            + "migrate to that network again to continue, or abandon the change"
    }
}
