internal import CSearchKernels
internal import Files

/// A file that is written under a fresh name and appears, whole and durable, under its own.
///
/// The unfinished file is removed by deinit unless `commit` has renamed it.
struct AsideFile: ~Copyable {
    /// The path the file will have.
    var path: String { file.path }
    private let file: ScratchFile
    private let headLimit: Int
    private var written = 0
    private var checksum: UInt32 = 0
    private var headWritten = 0
    private var headChecksum: UInt32 = 0
    private var problem: String?

    /// What temporary names of earlier versions end with; such files are leftovers.
    static let earlierSuffix = ".aside"

    /// Begins a file, readable by its owner only, of which the first `headLimit` bytes get a checksum apart.
    init(_ path: String, headLimit: Int) throws(IndexError) {
        self.headLimit = headLimit
        file = try writing { () throws(FileError) in try ScratchFile(replacing: path) }
    }

    /// Begins a file of a folder, which those may read who may read the folder.
    init(_ name: String, in folder: OpenFolder, headLimit: Int) throws(IndexError) {
        self.headLimit = headLimit
        file = try writing { () throws(FileError) in try ScratchFile(replacing: name, in: folder) }
        folder.shareAccess(with: file)
    }

    /// Appends bytes; false if that failed, and then `commit` throws what it was.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard problem == nil else { return false }
        guard let start = bytes.baseAddress else { return true }
        do throws(FileError) { try unsafe file.write(bytes, at: written) } catch {
            problem = error.problem
            return false
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
        try writing { () throws(FileError) in try file.publish(isSynced: false) }
        return SavedFile(
            name: path.split(separator: "/").last.map(String.init) ?? path, size: written, checksum: checksum,
            headBytes: headWritten, headChecksum: headChecksum)
    }
}
