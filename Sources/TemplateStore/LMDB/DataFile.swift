internal import Files
internal import GalleryModel

/// `data.mdb` looked at with plain reads, before LMDB maps it.
///
/// LMDB reads its map without checking the file's size: behind the end of a truncated file the process
/// would die of SIGBUS. An empty file it would take for a new environment.
struct DataFile: ~Copyable {
    static let name = "data.mdb"
    static let lockName = "lock.mdb"

    let path: String
    private let file: InputFile

    /// Opens the data file of the gallery directory `directory` for reading.
    init(inDirectory directory: String) throws(StoreError) {
        let folder = try onFiles(directory, "opening") { () throws(FileError) in try OpenFolder(directory) }
        try self.init(in: folder, path: directory)
    }

    /// Opens the data file of an open directory; `path` is the gallery's, for messages.
    init(in folder: OpenFolder, path: String) throws(StoreError) {
        self.path = path
        file = try onFiles(path, "opening") { () throws(FileError) in try InputFile(DataFile.name, in: folder) }
    }

    private func status() throws(StoreError) -> FileStatus {
        try onFiles(path, "examining") { () throws(FileError) in try file.status() }
    }

    /// A path by which LMDB opens this very file.
    var stablePath: String { "/proc/self/fd/\(file.descriptor)" }

    func identity() throws(StoreError) -> FileIdentity { try status().identity }

    func bytesOnDisk() throws(StoreError) -> Int { try status().bytesOnDisk }

    func size() throws(StoreError) -> Int { try status().size }

    /// What the system says of the file that changes when anybody writes to it.
    struct Standing {
        let inode: UInt64
        let seal: LastWriter.Seal
    }

    func standing() throws(StoreError) -> Standing {
        let status = try status()
        return Standing(
            inode: status.identity.inode,
            seal: LastWriter.Seal(
                seconds: status.changed.seconds, nanoseconds: status.changed.nanoseconds,
                size: Int64(status.size)))
    }

    /// Reads up to `buffer.count` bytes at `offset`; fewer at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        do throws(FileError) { return try unsafe file.read(at: offset, into: buffer) } catch {
            throw StoreError(error, path: path, doing: "reading")
        }
    }
}

/// `withUnsafeMutableBytes` with a typed error.
func withUnsafeMutableBytesTyped<R>(
    _ bytes: inout [UInt8], _ body: (UnsafeMutableRawBufferPointer) throws(StoreError) -> R
) throws(StoreError) -> R {
    let outcome: Result<R, StoreError> = unsafe bytes.withUnsafeMutableBytes { buffer in
        do throws(StoreError) { return .success(try unsafe body(buffer)) } catch { return .failure(error) }
    }
    return try outcome.get()
}
