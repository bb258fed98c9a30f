internal import Glibc

/// Why no helper process could read or write an HDF5 file.
public enum HelperError: Error, Sendable, Equatable, CustomStringConvertible {
    /// None of these files is a program that can be started; `path` is the HDF5 file.
    case missing(path: String, places: [String])
    /// The system starts no process for the HDF5 file at `path`; `code` is its `errno`.
    case notStarted(path: String, code: Int32)
    /// The program belongs to another version of this library.
    case otherVersion(path: String, program: String)

    /// What an exit code is chosen by.
    public enum Kind: Sendable {
        /// The program is missing or belongs to another version: the installation is incomplete.
        case notInstalled
        /// There are too many processes, or there is too little memory, at the moment.
        case tryAgain
        /// The system refuses.
        case inputOutput
    }

    /// What sort of failure it is.
    public var kind: Kind {
        switch self {
        case .missing, .otherVersion: .notInstalled
        case .notStarted(_, EAGAIN), .notStarted(_, ENOMEM): .tryAgain
        case .notStarted: .inputOutput
        }
    }

    /// The HDF5 file.
    public var path: String {
        switch self {
        case .missing(let path, _), .notStarted(let path, _), .otherVersion(let path, _): path
        }
    }

    /// One line with the file, the cause and the remedy.
    public var description: String { "\(path): \(reason)" }

    /// Cause and remedy, without the file.
    public var reason: String {
        switch self {
        case .missing(_, let places):
            let looked =
                places.isEmpty
                ? "the system does not tell where the running program is"
                : "it cannot be started as \(places.joined(separator: " or "))"
            return "HDF5 files need the program \(HDF5Helper.name), and \(looked); "
                + "install it beside the program that uses it, or set \(HDF5Helper.folderVariable) to its folder"
        case .notStarted(_, let code):
            let text = "cannot start the process that reads it: \(unsafe String(cString: strerror(code)))"
            guard kind == .tryAgain else { return text }
            return text
                + "; end other programs, or raise the limit on processes (ulimit -u, or the container's pids limit), "
                + "and try again"
        case .otherVersion(_, let program):
            return "\(program) belongs to another version; install both from the same version"
        }
    }
}
