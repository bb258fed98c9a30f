internal import Glibc

/// What a file system calls a file by, whatever its path.
package struct FileIdentity: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
}

/// What a path leads to.
package enum FileKind: Sendable, Equatable {
    case regularFile, folder, symbolicLink, namedPipe, socket, characterDevice, blockDevice, unknown

    init(mode: UInt32) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .regularFile
            case S_IFDIR: .folder
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .namedPipe
            case S_IFSOCK: .socket
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            default: .unknown
            }
    }

    /// The kind in a sentence.
    package var words: String {
        switch self {
        case .regularFile: "a regular file"
        case .folder: "a folder"
        case .symbolicLink: "a symbolic link"
        case .namedPipe: "a named pipe"
        case .socket: "a socket"
        case .characterDevice: "a character device"
        case .blockDevice: "a block device"
        case .unknown: "a file of an unknown kind"
        }
    }
}

/// What the system says of a file.
package struct FileStatus: Sendable, Equatable {
    package let kind: FileKind
    package let identity: FileIdentity
    /// The numbers of its owner and group.
    package let owner: UInt32
    package let group: UInt32
    /// The permission bits, 0…0o7777.
    package let mode: UInt32
    /// Bytes in it, 0 or more.
    package let size: Int
    /// Bytes that it takes on the disk.
    package let bytesOnDisk: Int
    /// Names that it has.
    package let links: Int
    /// When its content, owner or mode last changed, by the system's clock; nobody can set it back.
    package let changed: Moment

    /// Seconds since 1970-01-01 00:00 UTC, and nanoseconds of the next one.
    package struct Moment: Sendable, Equatable {
        package let seconds: Int64
        package let nanoseconds: Int64
    }

    init(_ status: stat) {
        kind = FileKind(mode: status.st_mode)
        identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode & 0o7777)
        size = max(0, Int(status.st_size))
        let (bytes, overflow) = max(0, Int(status.st_blocks)).multipliedReportingOverflow(by: 512)
        bytesOnDisk = overflow ? .max : bytes
        links = Int(clamping: status.st_nlink)
        changed = Moment(seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec))
    }

    /// The status of what a path leads to; nil if there is nothing.
    ///
    /// - Parameter followingLinks: whether a symbolic link at the end of the path is followed.
    /// - Throws: `.system`.
    package static func of(_ path: String, followingLinks: Bool = true) throws(FileError) -> FileStatus? {
        guard !path.utf8.contains(0) else { return nil }
        var status = stat()
        let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
        if result == 0 { return FileStatus(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw .system(path: path, doing: .examining, code: errno)
    }

    /// The status of an open file.
    package static func of(descriptor: Int32, path: String) throws(FileError) -> FileStatus {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(path: path, doing: .examining, code: errno)
        }
        return FileStatus(status)
    }

}
