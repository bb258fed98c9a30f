/// Why a manifest cannot be read any further.
///
/// A single bad row is none of these: it comes as `ManifestRow.Content.unusable`, and the next row follows.
package enum ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no such file.
    case missing(manifest: String)
    /// The system refused to read it; `reason` is its own words.
    case unreadable(manifest: String, reason: String)
    /// What it is cannot be told from its name.
    case unknownFormat(manifest: String)
    /// The first line of a CSV file does not name the columns that are needed.
    case badHeader(manifest: String, reason: String)
    /// From this line on it cannot be told where rows end.
    case broken(manifest: String, line: Int, reason: String)
    /// Reading was called off while it waited for more.
    case stopped
    /// No whole row came in the time given; the next call reads on from the row that was begun.
    case notYet

    /// What an exit code is chosen by.
    package enum Kind: Sendable {
        case missing, badData, cannotRead, usage, stopped
    }

    package var kind: Kind {
        switch self {
        case .missing: .missing
        case .unreadable: .cannotRead
        case .unknownFormat: .usage
        case .badHeader, .broken: .badData
        case .stopped, .notYet: .stopped
        }
    }

    package var description: String {
        switch self {
        case .missing(let manifest): "\(manifest): no such file"
        case .unreadable(let manifest, let reason): "\(manifest): cannot be read: \(reason)"
        case .unknownFormat(let manifest):
            "\(manifest): is it CSV or JSON Lines? Give it a name that ends with .csv or .jsonl"
        case .badHeader(let manifest, let reason): "\(manifest): line 1: \(reason)"
        case .broken(let manifest, let line, let reason): "\(manifest): line \(line): \(reason)"
        case .stopped: "reading the manifest was cancelled"
        case .notYet: "the manifest has no further row yet"
        }
    }
}
