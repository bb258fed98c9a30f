public import FaceImage
public import GalleryModel
public import Network

/// Why the engine could not do what was asked.
///
/// Later versions may have further cases: a `switch` outside of this package needs `@unknown default`.
@nonexhaustive public enum GalleryError: Error, Sendable, CustomStringConvertible {
    /// A photo could not be read or decoded.
    case photo(PhotoError)
    /// The face detector failed.
    case detector(DetectorError)
    /// The network could not be loaded or run.
    case network(NetworkError)
    /// The storage refused the call or failed.
    case store(StoreError)
    /// No face was found in a photo where one is needed.
    ///
    /// `leastFace`: the smallest face that is found in a photo of this size, in pixels.
    case noFace(photo: String, leastFace: Int)
    /// Several faces were found in a photo where one is needed.
    case severalFaces(photo: String, count: Int)
    /// Templates of one network were given to a gallery of another.
    ///
    /// `differences`: what differs between the two networks; empty if only their fingerprints are known.
    case otherNetwork(gallery: String, galleryNetwork: String, given: String, differences: [String])
    /// Probes or templates have another dimension than the gallery.
    case wrongDimension(gallery: Int, given: Int)
    /// A template is not usable for a search or as a reference.
    case badTemplate(row: Int, reason: String)
    /// There is no snapshot at this path.
    case noSnapshot(String)
    /// A snapshot's file is missing, or differs from what was written.
    case badSnapshot(snapshot: String, file: String, reason: String)
    /// The network of a gallery could not be changed, because these references cannot be converted.
    case cannotMakeAgain(gallery: String, network: String, references: Int, MissingReferences)
    /// An earlier change of the gallery's network, to another one than `given`, is not finished.
    case otherMigration(gallery: String, to: String, made: Int, given: String)
    /// An argument is outside its range.
    case badArgument(String)

    /// The kinds of error, by what a program does about them.
    public enum Kind: Sendable {
        /// The input does not exist.
        case missingInput
        /// The input exists and is not usable.
        case badData
        /// Something could not be created.
        case cannotWrite
        /// Reading or writing failed.
        case inputOutput
        /// Another try may succeed.
        case tryAgain
        /// The request itself is wrong.
        case usage
        /// Anything else.
        case failed
    }

    /// One line that names the input and, if there is one, the remedy.
    public var description: String {
        switch self {
        case .photo(let error): error.description
        case .detector(let error): error.description
        case .network(let error): error.description
        case .store(let error): error.description
        case .noFace(let photo, let leastFace):
            "\(photo): no face was found; in a photo of this size, a face must have \(leastFace) pixels or more, be "
                + "upright and seen from the front"
        case .severalFaces(let photo, let count):
            "\(photo): \(count) faces were found; crop the photo to one, or take the largest"
        case .otherNetwork(let gallery, let galleryNetwork, let given, let differences):
            "\(gallery): the gallery's templates were made by \(galleryNetwork), these by \(given); "
                + (differences.isEmpty
                    ? "" : "the gallery's network differs in \(differences.joined(separator: ", ")); ")
                + "templates of two networks cannot be compared"
        case .wrongDimension(let gallery, let given):
            "the templates have \(given) numbers, but the gallery's have \(gallery)"
        case .badTemplate(let row, let reason): "row \(row): \(reason)"
        case .noSnapshot(let path): "\(path): no such snapshot; check the path"
        case .badSnapshot(let snapshot, let file, let reason):
            "the snapshot \(snapshot) cannot be restored: \(file): \(reason); use another snapshot"
        case .cannotMakeAgain(let gallery, let network, let references, let missing):
            "\(gallery): \(missing.count) of \(references) references cannot be converted to \(network): "
                + "\(missing.text); nothing was changed. "
                + (missing.count >= references
                    ? "No reference would be left: create a gallery for \(network) instead"
                    : "Put the photos back and try again, or remove these references")
        case .otherMigration(let gallery, let to, let made, let given):
            "\(gallery): a change of the network to \(to) is not finished (\(made) templates are made), so a change to "
                + "\(given) cannot begin: finish the first one, or give it up"
        case .badArgument(let reason): reason
        }
    }
}

extension GalleryError {
    /// The kind of failure, for exit codes.
    public var kind: Kind {
        switch self {
        case .photo(let error):
            switch error.kind {
            case .missing: .missingInput
            case .badData: .badData
            case .system: .inputOutput
            case .stopped: .tryAgain
            }
        case .detector(.missingModel): .missingInput
        case .detector: .badData
        case .network(let error):
            switch error.kind {
            case .missing: .missingInput
            case .badData: .badData
            case .cannotWrite: .cannotWrite
            case .failed: .failed
            }
        case .store(let error):
            switch error.kind {
            case .usage: .usage
            case .badData: .badData
            case .missing: .missingInput
            case .cannotWrite: .cannotWrite
            case .io: .inputOutput
            case .busy: .tryAgain
            }
        case .noFace, .severalFaces, .otherNetwork, .wrongDimension, .badTemplate, .badSnapshot,
            .cannotMakeAgain:
            .badData
        case .otherMigration: .usage
        case .noSnapshot: .missingInput
        case .badArgument: .usage
        }
    }
}
