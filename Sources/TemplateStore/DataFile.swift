internal import CLMDB
internal import Glibc

/// What the operating system knows a file by, whatever its path.
struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64
}

/// `data.mdb` looked at with plain reads, before LMDB maps it.
///
/// LMDB reads its map without checking the file's size: behind the end of a truncated file the process
/// would die of SIGBUS. An empty file it would take for a new environment.
struct DataFile: ~Copyable {
    static let name = "data.mdb"
    static let lockName = "lock.mdb"

    let path: String
    private let descriptor: Int32

    /// Opens the data file of the gallery directory `directory` for reading.
    init(inDirectory directory: String) throws(StoreError) {
        path = directory
        let opened = unsafe open(directory + "/" + DataFile.name, O_RDONLY | O_CLOEXEC)
        let failure = errno
        descriptor = opened
        guard opened >= 0 else { throw StoreError(status: failure, path: directory, doing: "opening") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func status() throws(StoreError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw StoreError(status: errno, path: path, doing: "examining")
        }
        return status
    }

    func identity() throws(StoreError) -> FileIdentity {
        let status = try status()
        return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    func bytesOnDisk() throws(StoreError) -> Int { Int(try status().st_blocks) * 512 }

    func size() throws(StoreError) -> Int { Int(try status().st_size) }

    /// What the system says of the file that changes when anybody writes to it.
    struct Standing {
        let inode: UInt64
        let seal: LastWriter.Seal
    }

    func standing() throws(StoreError) -> Standing {
        let status = try status()
        return Standing(
            inode: UInt64(status.st_ino),
            seal: LastWriter.Seal(
                seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec),
                size: Int64(status.st_size)))
    }

    /// Reads up to `buffer.count` bytes at `offset`; fewer at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = unsafe pread(
                descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done, offset + done)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw StoreError(status: errno, path: path, doing: "reading") }
            if count == 0 { break }
            done += count
        }
        return done
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
