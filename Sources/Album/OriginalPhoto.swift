import Files
import Glibc

/// A photo on its way into an album; it is only read.
struct Original {
    private let path: String
    /// Absolute, with links resolved in its folder.
    private let absolute: String
    private let status: FileStatus
    private let modified: timespec

    /// - Parameter followsContent: whether a symbolic link stands for the file that it leads to.
    init(_ path: String, followsContent: Bool) throws(FileError) {
        self.path = path
        let (folder, name) = try OpenFolder.holding(path)
        guard let resolved = unsafe realpath(folder.path, nil) else {
            throw .system(path: path, doing: .examining, code: errno)
        }
        defer { unsafe free(resolved) }
        let parent = unsafe String(cString: resolved)
        absolute = parent == "/" ? "/\(name)" : "\(parent)/\(name)"
        guard let found = try FileStatus.of(path) else { throw .missing(path: path) }
        status = found
        var times = stat()
        guard unsafe stat(path, &times) == 0 else { throw .system(path: path, doing: .examining, code: errno) }
        modified = times.st_mtim
    }

    /// Whether a name of a folder is this photo already, placed as `placing` does it.
    func isPlaced(_ name: String, in folder: OpenFolder, _ placing: PhotoPlacing) throws(FileError) -> Bool {
        guard let there = try folder.status(of: name) else { return false }
        switch placing {
        case .symlink: return there.kind == .symbolicLink && target(of: name, in: folder) == absolute
        case .link: return there.identity == status.identity
        case .copy:
            guard there.kind == .regularFile, there.size == status.size else { return false }
            return try hasSameBytes(name, in: folder)
        }
    }

    /// Places the photo under a name that is free; false if it is not any more.
    func place(_ name: String, in folder: OpenFolder, _ placing: PhotoPlacing) throws(FileError) -> Bool {
        let result: Int32
        switch placing {
        case .copy: return try copy(to: name, in: folder)
        case .link: result = unsafe linkat(AT_FDCWD, path, folder.descriptor, name, 0x400)  // AT_SYMLINK_FOLLOW
        case .symlink: result = unsafe symlinkat(absolute, folder.descriptor, name)
        }
        if result == 0 { return true }
        let code = errno
        if code == EEXIST { return false }
        throw .system(path: "\(folder.path)/\(name)", doing: .creating, code: code)
    }

    private func target(of name: String, in folder: OpenFolder) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            return unsafe readlinkat(
                folder.descriptor, name, start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    private static let blockSize = 1 << 20

    private func hasSameBytes(_ name: String, in folder: OpenFolder) throws(FileError) -> Bool {
        let (mine, other) = (try InputFile(path), try InputFile(name, in: folder))
        var isSame = true
        try Self.forEachBlock(of: mine) { offset, bytes throws(FileError) in
            var there = [UInt8](repeating: 0, count: bytes.count)
            var failure: FileError?
            var count = 0
            unsafe there.withUnsafeMutableBytes { buffer in
                do throws(FileError) { count = try unsafe Self.fill(buffer, from: other, at: offset) } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            isSame = count == bytes.count && there == bytes
            return isSame
        }
        return isSame
    }

    /// Writes a copy aside, and gives it its name unless something has that name by then.
    private func copy(to name: String, in folder: OpenFolder) throws(FileError) -> Bool {
        let input = try InputFile(path)
        let copy = try ScratchFile(replacing: name, in: folder)
        try Self.forEachBlock(of: input) { offset, bytes throws(FileError) in
            try copy.write(bytes, at: offset)
            return true
        }
        // Albums are shown in the order of time.
        let times = [timespec(tv_sec: 0, tv_nsec: Self.unchanged), modified]
        _ = unsafe futimens(copy.descriptor, times)
        return try copy.publishWhereFree()
    }

    /// UTIME_OMIT: the time of the last access is not set.
    private static let unchanged = (1 << 30) - 2

    private static func forEachBlock(
        of file: InputFile, _ body: (Int, [UInt8]) throws(FileError) -> Bool
    ) throws(FileError) {
        var block = [UInt8](repeating: 0, count: blockSize)
        var offset = 0
        while true {
            var failure: FileError?
            var count = 0
            unsafe block.withUnsafeMutableBytes { buffer in
                do throws(FileError) { count = try unsafe fill(buffer, from: file, at: offset) } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            guard count > 0, try body(offset, Array(block[..<count])) else { return }
            offset += count
        }
    }

    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from file: InputFile, at offset: Int
    ) throws(FileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = try unsafe file.read(at: offset + filled, into: rest)
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
