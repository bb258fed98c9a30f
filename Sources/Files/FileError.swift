internal import Glibc

/// Why a file or folder could not be opened, made, replaced or removed, with the facts of the case.
///
/// `path` is always the path as the user gave it.
package enum FileError: Error, Sendable, Equatable {
    /// What was being done.
    package enum Operation: String, Sendable {
        case reading, writing, creating, removing, examining, locking, listing, syncing
    }

    /// Nothing is there.
    case missing(path: String)
    /// Something of another kind is there.
    case wrongKind(path: String, found: FileKind, wanted: FileKind)
    /// A file is larger than a file of its purpose can be.
    case tooLarge(path: String, size: Int, limit: Int)
    /// Something is there already, where nothing is to be replaced.
    case occupied(path: String)
    /// A folder belongs to a user who was not named as trusted.
    case foreignOwner(path: String, owner: UInt32)
    /// Others held a lock for as long as this process waits; `holder` says who.
    case locked(path: String, holder: String, seconds: Int)
    /// An output would destroy an input, another output, or a part of a gallery, network or snapshot.
    case badOutput(path: String, reason: String)
    /// The system refused an operation; `code` is its errno.
    case system(path: String, doing: Operation, code: Int32)

    /// What an exit code is chosen by.
    package enum Kind: Sendable {
        case missing, badData, cannotRead, cannotWrite, busy, usage
    }

    package var kind: Kind {
        switch self {
        case .missing: .missing
        case .wrongKind, .tooLarge: .badData
        case .occupied, .foreignOwner: .cannotWrite
        case .locked: .busy
        case .badOutput: .usage
        case .system(_, let doing, _):
            switch doing {
            case .reading, .examining, .listing: .cannotRead
            case .writing, .creating, .removing, .syncing, .locking: .cannotWrite
            }
        }
    }

    /// The path that the error is about.
    package var path: String {
        switch self {
        case .missing(let path), .wrongKind(let path, _, _), .tooLarge(let path, _, _), .occupied(let path),
            .foreignOwner(let path, _), .locked(let path, _, _), .badOutput(let path, _),
            .system(let path, _, _):
            path
        }
    }

    /// What is wrong, without the path, as a sentence whose subject the path is.
    package var reason: String {
        switch self {
        case .missing: Self.text(of: ENOENT)
        case .wrongKind(_, let found, let wanted): "is \(found.words), not \(wanted.words)"
        case .tooLarge(_, let size, let limit):
            "has \(size) bytes; at most \(limit) are allowed for a file of this kind"
        case .occupied: "already exists; use another path"
        case .foreignOwner(_, let owner):
            "belongs to user \(Owners.name(of: owner)) and not to \(Owners.name(of: Owners.current)): "
                + "to write there nevertheless, set \(Owners.variable)=\(Owners.name(of: owner))"
        case .locked(_, let holder, let seconds):
            "is still locked by \(holder) after \(seconds) seconds; end that process or try again later"
        case .badOutput(_, let reason): reason
        case .system(_, let doing, let code): "\(doing.rawValue) failed: \(Self.text(of: code))"
        }
    }

    /// The kind of an error number, from which programs choose an exit code.
    package enum Problem: Sendable {
        case permission, noSpace, other

        package init(_ code: Int32) {
            self =
                switch code {
                case EACCES, EPERM, EROFS: .permission
                // A file size limit (EFBIG) stops a growing file just as a full disk does.
                case ENOSPC, EDQUOT, EFBIG: .noSpace
                default: .other
                }
        }
    }

    /// The system's words for an error number.
    package static func text(of code: Int32) -> String {
        // `strerror` returns a constant of the C library for every number that the kernel gives.
        unsafe String(cString: strerror(code))
    }
}

extension FileError: CustomStringConvertible {
    /// One line: the path and what is wrong with it.
    package var description: String { "\(path): \(reason)" }
}
