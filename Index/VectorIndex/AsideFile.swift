internal import CSearchKernels
internal import Glibc

/// A file that is written under a temporary name and appears, whole and durable, under its own.
///
/// The temporary file is removed by deinit unless `commit` has renamed it.
@safe struct AsideFile: ~Copyable {
    /// The path the file will have.
    let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private let headLimit: Int
    private var written = 0
    private var checksum: UInt32 = 0
    private var headWritten = 0
    private var headChecksum: UInt32 = 0
    private var problem: String?
    private var committed = false

    /// What temporary names end with; such files are leftovers once their writer is gone.
    static let suffix = ".aside"

    /// Begins a file, readable by its owner only, of which the first `headLimit` bytes get a checksum apart.
    init(_ path: String, headLimit: Int) throws(IndexError) {
        self.path = path
        self.headLimit = headLimit
        temporaryPath = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max))\(Self.suffix)"
        descriptor = unsafe Glibc.open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(file: path, problem: lastProblem()) }
    }

    deinit {
        _ = close(descriptor)
        if !committed { _ = unsafe unlink(temporaryPath) }
    }

    /// Appends bytes; false if that failed, and then `commit` throws what it was.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard problem == nil else { return false }
        guard let start = bytes.baseAddress else { return true }
        var done = 0
        while done < bytes.count {
            let some = unsafe Glibc.write(descriptor, start + done, min(bytes.count - done, 1 << 30))
            if some < 0 && errno == EINTR { continue }
            guard some > 0 else {
                problem = some < 0 ? lastProblem() : "no byte was taken"
                return false
            }
            done += some
        }
        unsafe checksum = csk_crc32c(checksum, start, bytes.count)
        let head = min(bytes.count, headLimit - headWritten)
        unsafe headChecksum = csk_crc32c(headChecksum, start, head)
        headWritten += head
        written += bytes.count
        return true
    }

    /// Throws what an `append` failed of.
    func check() throws(IndexError) {
        if let problem { throw .cannotWrite(file: path, problem: problem) }
    }

    /// Makes the bytes durable and gives the file its name; the directory is for the caller to sync.
    mutating func commit() throws(IndexError) -> SavedFile {
        try check()
        guard fsync(descriptor) == 0 else { throw .cannotWrite(file: path, problem: lastProblem()) }
        guard unsafe rename(temporaryPath, path) == 0 else {
            throw .cannotWrite(file: path, problem: lastProblem())
        }
        committed = true
        return SavedFile(
            name: path.split(separator: "/").last.map(String.init) ?? path, size: written, checksum: checksum,
            headBytes: headWritten, headChecksum: headChecksum)
    }

    /// Makes the names in a directory durable.
    static func syncDirectory(_ path: String) throws(IndexError) {
        let directory = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .cannotWrite(file: path, problem: lastProblem()) }
        defer { _ = close(directory) }
        guard fsync(directory) == 0 else { throw .cannotWrite(file: path, problem: lastProblem()) }
    }
}
