internal import CLMDB
internal import Files
internal import GalleryModel
internal import Glibc

extension StoreError {
    /// Throws the error of an LMDB status (or errno) other than 0.
    static func check(_ status: Int32, path: String, doing: String) throws(StoreError) {
        if status != 0 { throw StoreError(status: status, path: path, doing: doing) }
    }

    /// The error of an LMDB status or errno.
    init(status: Int32, path: String, doing: String) {
        switch status {
        case ENOENT, ENOTDIR: self = .notAGallery(path: path)
        case EACCES, EPERM, EROFS: self = .permission(path: path, doing: doing)
        // A file size limit (EFBIG) stops a growing file just as a full disk does.
        case ENOSPC, EDQUOT, EFBIG: self = .noSpace(path: path)
        case EAGAIN, EBUSY: self = .busy(path: path, reason: StoreError.text(status))
        case MDB_READERS_FULL: self = .tooManyReaders(path: path)
        case MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_INVALID, MDB_CURSOR_FULL, MDB_BAD_VALSIZE:
            self = .damaged(path: path, reason: StoreError.text(status))
        case MDB_KEYEXIST:
            self = .damaged(path: path, reason: "it contains records above its counters")
        case MDB_VERSION_MISMATCH:
            self = .damaged(path: path, reason: "data.mdb or lock.mdb has another LMDB format")
        case MDB_PANIC:
            self = .io(
                path: path, doing: doing,
                reason: "an earlier write failed half-way; close the store and open it again")
        case MDB_TXN_FULL:
            self = .io(
                path: path, doing: doing, reason: "the transaction is too large; enrol in smaller batches")
        default: self = .io(path: path, doing: doing, reason: StoreError.text(status))
        }
    }

    /// LMDB's or the system's words for a status.
    static func text(_ status: Int32) -> String {
        guard let words = unsafe mdb_strerror(status) else { return "error \(status)" }
        return unsafe String(cString: words)
    }
}

extension StoreError {
    /// The error of a gallery's files and folders.
    ///
    /// - Parameter path: the gallery's, which errors name.
    init(_ error: FileError, path: String, doing: String) {
        switch error {
        case .missing: self = .notAGallery(path: path)
        case .wrongKind(_, _, .folder) where error.path == path: self = .notAGallery(path: path)
        case .wrongKind:
            let name = error.path.split(separator: "/").last.map(String.init) ?? error.path
            self = .unsafe(path: path, reason: "\(name) \(error.reason)")
        case .foreignOwner(_, let owner): self = .foreignOwner(path: path, owner: Owners.name(of: owner))
        case .locked(_, let holder, let seconds):
            self = .busy(path: path, reason: "\(holder) has locked it for more than \(seconds) seconds")
        case .occupied: self = .alreadyExists(path: path)
        case .system(_, _, let code): self = StoreError(status: code, path: path, doing: doing)
        case .tooLarge, .badOutput: self = .io(path: path, doing: doing, reason: error.reason)
        }
    }
}

/// Runs a call on a gallery's files, with its error as the store's.
func onFiles<Result>(
    _ path: String, _ doing: String, _ call: () throws(FileError) -> Result
) throws(StoreError) -> Result {
    do throws(FileError) { return try call() } catch { throw StoreError(error, path: path, doing: doing) }
}
