import FaceImage
import GalleryModel
import Glibc
import Network

/// What the file system says of a path.
enum FileLook {
    case found(stat)
    /// There is nothing at this path.
    case absent
    /// It cannot be told whether there is anything.
    case unknown

    init(_ path: String) {
        var status = stat()
        guard path != "-", !path.utf8.contains(0) else {
            self = .absent
            return
        }
        if unsafe stat(path, &status) == 0 {
            self = .found(status)
        } else {
            self = [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(errno) ? .absent : .unknown
        }
    }
}

/// Where the photo of a reference is, after the same bytes were seen at another path.
enum PhotoWhereabouts {
    /// In its place still: what was seen is a second file.
    case thereStill
    /// What was seen is the very file, under another name.
    case sameFile
    /// No longer in its place: what was seen is the photo, moved.
    case moved

    /// Reads the file of the reference only if its size or time is not the one it was enrolled with.
    init(_ reference: Reference, seenAt path: String, limits: DecodeLimits) {
        self = .thereStill
        // An address is of no file, and standard input has no place.
        if path == "-" || reference.source.contains("://") {
            self = .sameFile
            return
        }
        guard case .found(let seen) = FileLook(path) else { return }
        switch FileLook(reference.source) {
        case .absent: self = .moved
        case .unknown: break
        case .found(let kept):
            if kept.st_dev == seen.st_dev, kept.st_ino == seen.st_ino {
                self = .sameFile
            } else if kept.st_mode & S_IFMT != S_IFREG {
                self = .moved
            } else if reference.sourceStamp == nil || SourceStamp(kept) != reference.sourceStamp {
                guard let file = try? PhotoFile(.path(reference.source), limits: limits) else { return }
                if SHA256.digest(of: file.bytes) != reference.sourceDigest { self = .moved }
            }
        }
    }
}

extension SourceStamp {
    /// Nil where the time does not fit into 64 bits of nanoseconds.
    init?(_ status: stat) {
        let (nanoseconds, isTooLarge) = Int64(status.st_mtim.tv_sec)
            .multipliedReportingOverflow(by: 1_000_000_000)
        let (modified, isOver) = nanoseconds.addingReportingOverflow(Int64(status.st_mtim.tv_nsec))
        guard !isTooLarge, !isOver else { return nil }
        self.init(size: Int64(status.st_size), modified: modified)
    }
}
