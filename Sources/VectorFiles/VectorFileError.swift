import Glibc

/// Why a file of vectors or names could not be read or written.
public enum VectorFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no such file.
    case missing(path: String)
    /// The system refused an operation on the file.
    case system(path: String, operation: String, code: Int32)
    /// The file is not what its reader expects; `reason` says what was found and what to do.
    case malformed(path: String, reason: String)

    /// What an exit code is chosen by.
    public enum Kind: Sendable {
        /// There is no such file.
        case missing
        /// The file is not what its reader expects.
        case badData
        /// The system refuses to read it.
        case cannotRead
        /// The system refuses to write it.
        case cannotWrite
    }

    /// What sort of failure it is.
    public var kind: Kind {
        switch self {
        case .missing: .missing
        case .malformed: .badData
        case .system(_, let operation, _): operation == "write" ? .cannotWrite : .cannotRead
        }
    }

    /// One line with the file and the cause.
    public var description: String {
        switch self {
        case .missing(let path), .system(let path, _, _), .malformed(let path, _): "\(path): \(reason)"
        }
    }

    /// What is wrong, without the file's name.
    public var reason: String {
        switch self {
        case .missing: "no such file"
        case .system(_, let operation, let code): "cannot \(operation): \(Self.text(of: code))"
        case .malformed(_, let reason): reason
        }
    }

    private static func text(of code: Int32) -> String {
        unsafe String(cString: strerror(code))
    }
}
