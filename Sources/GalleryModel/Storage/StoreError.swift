internal import Files

/// Why a storage refused or failed.
///
/// Every case contains facts. `description` is one line that names the input and the remedy. `kind` groups the cases
/// by what a program does about them.
@nonexhaustive public enum StoreError: Error, Sendable, Equatable {
    /// There is no gallery at `path`.
    case notAGallery(path: String)
    /// A gallery cannot be created at `path`, because something is already there.
    case alreadyExists(path: String)
    /// The directory in which the gallery `path` should be created does not exist.
    case noParent(path: String)
    /// The operating system refused access to `path`.
    case permission(path: String, doing: String)
    /// The gallery's directory belongs to another user, so it is not written to.
    case foreignOwner(path: String, owner: String)
    /// Something in the gallery's directory is not a file of a gallery, such as a symbolic link.
    case unsafe(path: String, reason: String)
    /// The gallery was removed or replaced while it was open; the data that should have been written is not in it.
    case gone(path: String, reason: String)
    /// A store opened for reading was asked to write.
    case readOnly(path: String)
    /// The disk, a quota or a file size limit is full; nothing of the transaction was kept.
    case noSpace(path: String)
    /// The file system has `available` bytes left of the `needed` ones; nothing was written.
    case notEnoughSpace(path: String, needed: Int, available: Int)
    /// The files are damaged or contradict each other.
    case damaged(path: String, reason: String)
    /// The gallery was written in a format this program does not know.
    case unsupportedFormat(path: String, version: Int, supported: Int)
    /// All reader slots of the lock file are taken.
    case tooManyReaders(path: String)
    /// Another process uses the gallery, so the call is not possible at the moment.
    case busy(path: String, reason: String)
    /// The operating system failed with `reason` while `doing`.
    case io(path: String, doing: String, reason: String)
    /// There is no subject of this name.
    case unknownSubject(name: String)
    /// There is no reference of this number, or it was removed.
    case unknownReference(id: ReferenceID)
    /// Another subject already has this name.
    case nameTaken(name: String)
    /// A name that no subject may have.
    case invalidName(name: String, reason: String)
    /// A reference (number `item` of the batch, from 0) cannot be stored, for another reason than its template.
    case invalidReference(item: Int, reason: String)
    /// Settings that no gallery may have.
    case invalidSettings(reason: String)
    /// A template (number `item` of the batch, from 0) cannot be stored.
    case badVector(item: Int, reason: VectorProblem)
    /// The call is not allowed: an argument is out of range, or the call comes at the wrong time.
    case misuse(reason: String)
    /// The search failed: `problem` is the message of the index or the engine that searches.
    case search(problem: String, kind: Kind)
    /// A storage on another machine, or in another process, cannot be reached at the moment.
    case unavailable(storage: String, reason: String)
    /// The deadline of a call passed before it was finished.
    case late(doing: String)
    /// Changes by others prevented this one repeatedly; nothing was changed.
    case conflict(reason: String)
    /// The storage does not support this, such as care of files that only galleries on this machine's disk have.
    case unsupported(storage: String, what: String)
    /// The caller cancelled the call, or ended a walk or a transaction early.
    case cancelled

    /// The kinds of error, by what a program does about them; the raw value is the exit code of the command line program.
    public enum Kind: Int32, Sendable {
        /// The call or its arguments are wrong.
        case usage = 64
        /// The data given or found is wrong.
        case badData = 65
        /// The named input does not exist.
        case missing = 66
        /// The output cannot be created.
        case cannotWrite = 73
        /// The operating system failed.
        case io = 74
        /// Trying again later can help.
        case busy = 75
    }

    /// The kind of this error.
    public var kind: Kind {
        switch self {
        case .misuse, .invalidSettings, .unsupported: .usage
        case .damaged, .unsupportedFormat, .unsafe, .invalidName, .invalidReference, .badVector: .badData
        case .notAGallery, .unknownSubject, .unknownReference: .missing
        case .alreadyExists, .noParent, .permission, .foreignOwner, .readOnly, .noSpace, .notEnoughSpace,
            .nameTaken:
            .cannotWrite
        case .io, .gone: .io
        case .tooManyReaders, .busy, .cancelled, .unavailable, .late, .conflict: .busy
        case .search(_, let kind): kind
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// One line: what went wrong, with which input, and what to do.
    public var description: String {
        switch self {
        case .notAGallery(let path):
            "there is no gallery at '\(path)': check the path, or create a gallery there"
        case .alreadyExists(let path):
            "cannot create a gallery at '\(path)': something is already there; use an empty or new directory"
        case .noParent(let path):
            "cannot create a gallery at '\(path)': its parent directory does not exist; create that first"
        case .permission(let path, let doing):
            "no permission while \(doing) '\(path)': check its owner and mode, or the mount"
        case .foreignOwner(let path, let owner):
            "the directory of the gallery '\(path)' belongs to user \(owner): to write there nevertheless, set "
                + "\(Owners.variable)=\(owner), or write as that user"
        case .unsafe(let path, let reason):
            "the gallery '\(path)' is not safe to open: \(reason); find out who put it there, and remove it"
        case .gone(let path, let reason):
            "the gallery '\(path)' is no longer there: \(reason); what was reported as written before is in that "
                + "directory, if it still exists"
        case .readOnly(let path): "'\(path)' is open for reading only: open it for writing to change it"
        case .noSpace(let path):
            "no space left for '\(path)': nothing of this transaction was kept; free space or raise the limit and try again"
        case .notEnoughSpace(let path, let needed, let available):
            "\(needed) bytes are needed beside '\(path)', but only \(available) are free: free space and try again"
        case .damaged(let path, let reason):
            "the gallery '\(path)' is damaged: \(reason); restore it from a copy, or check and repair it"
        case .unsupportedFormat(let path, let version, let supported):
            "the gallery '\(path)' has format version \(version), but this program knows only up to \(supported): use a newer "
                + "version of the program"
        case .tooManyReaders(let path):
            "too many readers of '\(path)' at once: end some of them and try again"
        case .busy(let path, let reason): "the gallery '\(path)' is busy: \(reason); try again"
        case .io(let path, let doing, let reason): "\(doing) '\(path)' failed: \(reason)"
        case .unknownSubject(let name):
            "there is no subject '\(name.shown)' in the gallery: check the name (case matters)"
        case .unknownReference(let id):
            "there is no reference \(id) in the gallery: it was removed or never enrolled"
        case .nameTaken(let name):
            "a subject '\(name.shown)' already exists: choose another name, or merge the two subjects"
        case .invalidName(let name, let reason): "'\(name.shown)' cannot name a subject: \(reason)"
        case .invalidReference(let item, let reason):
            "reference \(item) of the batch cannot be stored: \(reason)"
        case .invalidSettings(let reason): "a gallery cannot have these settings: \(reason)"
        case .badVector(let item, let reason): "template \(item) of the batch cannot be stored: \(reason)"
        case .misuse(let reason): "invalid call: \(reason)"
        case .search(let problem, _): problem
        case .unavailable(let storage, let reason):
            "\(storage) cannot be reached at the moment: \(reason); try again"
        case .late(let doing): "\(doing) took longer than its deadline allows: try again, or allow more time"
        case .conflict(let reason):
            "others changed the same data at the same time: \(reason); nothing was changed, try again"
        case .unsupported(let storage, let what): "\(storage) does not support this: \(what)"
        case .cancelled: "cancelled"
        }
    }
}
