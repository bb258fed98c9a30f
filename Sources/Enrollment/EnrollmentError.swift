/// Why an enrolment cannot begin or go on.
///
/// What is wrong with a single photo or template is a `Refusal`, and the others are enrolled all the same.
public enum EnrollmentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Standard input is named more than once.
    case standardInputTwice
    /// A folder cannot be read.
    case unreadableFolder(String)
    /// A folder holds no photo; what was left out of it, in words.
    case noPhotos(folder: String, passedOver: String?)
    /// Faces are to be compared with other subjects, and nobody has said from which similarity on they look alike.
    case noThreshold(network: String)
    /// The folder of the photos is gone, or is another one than at the start.
    case folderGone(String)
    /// So many photos in a row could not be read that it is no chance; `last` is what was said of the last.
    case storageFails(photos: Int, last: String)
    /// Rows of a file have another length than the gallery's templates.
    case rowLength(file: String, found: Int, expected: Int)
    /// A file of names has not a name for each row.
    case nameCount(names: String, found: Int, file: String, rows: Int)
    /// The file of names became shorter while it was read.
    case namesEnded(String)

    /// What kind of fault it is.
    public enum Kind: Sendable {
        /// The request itself is wrong.
        case usage
        /// The input is not there.
        case missingInput
        /// The input is there and not usable.
        case badData
        /// Reading failed.
        case inputOutput
    }

    /// What kind of fault it is.
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
        case .standardInputTwice: "standard input, -, can be read once only"
        case .unreadableFolder(let folder): "\(folder): the folder cannot be read; check its permissions"
        case .noPhotos(let folder, let passedOver):
            "\(folder): the folder holds no photo\(passedOver.map { " (\($0))" } ?? "")"
        case .noThreshold(let network):
            "no threshold is known for \(network); say from which similarity on two faces look alike"
        case .folderGone(let folder):
            "\(folder): the folder is no longer there"
        case .storageFails(let photos, let last):
            "\(photos) photos in a row could not be read, the last: \(last)"
        case .rowLength(let file, let found, let expected):
            "\(file): rows have \(found) numbers, the gallery's templates have \(expected)"
        case .nameCount(let names, let found, let file, let rows):
            "\(names) holds \(found) names for the \(rows) rows of \(file); each row needs one name, and nothing was "
                + "enrolled"
        case .namesEnded(let names): "\(names) became shorter while it was read"
        }
    }
}
