/// Why an enrolment cannot begin or continue.
///
/// A problem with a single photo or template is a `Refusal` instead; the others are still enrolled.
public enum EnrollmentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Standard input is named more than once.
    case standardInputTwice
    /// A folder cannot be read.
    case unreadableFolder(String)
    /// A folder contains no photo; `passedOver` says in words which files were skipped.
    case noPhotos(folder: String, passedOver: String?)
    /// Faces are to be compared with other subjects, but it is unknown from which similarity on they look alike.
    case noThreshold(network: String)
    /// The folder of the photos is gone, or is another one than at the start.
    case folderGone(String)
    /// So many photos in a row could not be read that the system must be at fault; `last` is the last one's message.
    case storageFails(photos: Int, last: String)
    /// The rows of a file have another dimension than the gallery's templates.
    case rowLength(file: String, found: Int, expected: Int)
    /// A file of names does not have one name for each row.
    case nameCount(names: String, found: Int, file: String, rows: Int)
    /// The file of names became shorter while it was read.
    case namesEnded(String)

    /// The kinds of error, by what a program does about them.
    public enum Kind: Sendable {
        /// The request itself is wrong.
        case usage
        /// The input does not exist.
        case missingInput
        /// The input exists and is not usable.
        case badData
        /// Reading failed.
        case inputOutput
    }

    /// The kind of this error.
    public var kind: Kind {
        switch self {
        case .standardInputTwice, .noThreshold: .usage
        case .unreadableFolder, .noPhotos: .missingInput
        case .folderGone, .storageFails: .inputOutput
        case .rowLength, .nameCount, .namesEnded: .badData
        }
    }

    /// What is wrong, and with which input.
    public var description: String {
        switch self {
        case .standardInputTwice: "standard input (-) can be read only once"
        case .unreadableFolder(let folder): "\(folder): the folder cannot be read; check its permissions"
        case .noPhotos(let folder, let passedOver):
            "\(folder): the folder contains no photo\(passedOver.map { " (\($0))" } ?? "")"
        case .noThreshold(let network):
            "no threshold is known for \(network); give `min-similarity`, from which on two faces look alike"
        case .folderGone(let folder):
            "\(folder): the folder is no longer there"
        case .storageFails(let photos, let last):
            "\(photos) photos in a row could not be read, the last: \(last)"
        case .rowLength(let file, let found, let expected):
            "\(file): rows have \(found) numbers, but the gallery's templates have \(expected)"
        case .nameCount(let names, let found, let file, let rows):
            "\(names) has \(found) names for the \(rows) rows of \(file); each row needs one name. Nothing was "
                + "enrolled"
        case .namesEnded(let names): "\(names) became shorter while it was read"
        }
    }
}
