internal import Glibc

/// Writes files so that their old content or their new content is there, never a part.
enum SafeWriting {
    /// Writes `bytes` aside, syncs them, and puts them in the place of `path`; syncs the folder.
    ///
    /// - Throws: `cannotWrite` with the system's reason; what was at `path` before is untouched then.
    static func replace(_ path: String, with bytes: [UInt8]) throws(TrainingError) {
        let aside = path + ".new"
        do {
            try write(bytes, aside: aside, for: path)
            try check(path) { unsafe rename(aside, path) }
        } catch {
            _ = unsafe unlink(aside)
            throw error
        }
        syncFolder(of: path)
    }

    /// Adds `bytes` to the end of a file.
    static func append(_ bytes: [UInt8], to path: String) throws(TrainingError) {
        let descriptor = try check(path) {
            unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
    }

    /// Makes a folder and those above it; one that is there already is left as it is.
    static func makeFolder(_ path: String) throws(TrainingError) {
        if isFolder(path) { return }
        if let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex {
            try makeFolder(String(path[..<slash]))
        }
        guard unsafe mkdir(path, 0o777) == 0 || isFolder(path) else {
            throw .cannotWrite(path: path, reason: reason())
        }
    }

    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether something is at a path, whatever it is.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func write(_ bytes: [UInt8], aside: String, for path: String) throws(TrainingError) {
        let descriptor = try check(path) {
            unsafe open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
        try check(path) { fsync(descriptor) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(TrainingError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe Glibc.write(descriptor, all.baseAddress.map { unsafe $0 + done }, all.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .cannotWrite(path: path, reason: reason()) }
            done += count
        }
    }

    private static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    @discardableResult
    private static func check(_ path: String, _ call: () -> Int32) throws(TrainingError) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            guard errno == EINTR else { throw .cannotWrite(path: path, reason: reason()) }
        }
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
