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

    /// The newer of the two meta pages; throws when there is none that can be believed.
    func meta() throws(StoreError) -> MetaPage {
        let size = try size()
        guard size > 0 else { throw .damaged(path: path, reason: "data.mdb is empty") }
        guard let first = try meta(at: 0) else {
            throw .damaged(path: path, reason: "data.mdb does not start as an LMDB file of version 1 does")
        }
        guard first.pageSize >= 512, first.pageSize <= 65536, first.pageSize & (first.pageSize - 1) == 0 else {
            throw .damaged(path: path, reason: "data.mdb claims pages of \(first.pageSize) bytes")
        }
        guard let second = try meta(at: first.pageSize), second.pageSize == first.pageSize else {
            throw .damaged(path: path, reason: "the second meta page of data.mdb is damaged or cut off")
        }
        return second.transaction > first.transaction ? second : first
    }

    private func meta(at offset: Int) throws(StoreError) -> MetaPage? {
        var bytes = [UInt8](repeating: 0, count: MetaPage.size)
        let count = try unsafe withUnsafeMutableBytesTyped(&bytes) { buffer throws(StoreError) in
            try unsafe read(into: buffer, at: offset)
        }
        guard count == bytes.count else { return nil }
        return unsafe bytes.withUnsafeBytes { unsafe MetaPage($0) }
    }

    /// Refuses a file LMDB could not even open safely: cut off, or damaged at the roots of its trees.
    func checkBeforeMapping() throws(StoreError) {
        for attempt in 1...3 {
            let meta = try meta()
            let needed = (meta.lastPage + 1) * meta.pageSize
            let size = try size()
            // Pages allocated last and freed in the same transaction are counted but never written, so a
            // short file may be whole: only the walk can tell.
            let walk = try PageWalk(self, meta, size >= needed ? .roots : .untilFault)
            guard let problem = walk.problems.first else { return }
            // A writer may have reused the pages in the meantime: then the next look sees its commit.
            let now = try self.meta()
            if attempt == 3 || now.transaction == meta.transaction {
                throw .damaged(
                    path: path,
                    reason: size >= needed
                        ? problem : "data.mdb was cut off at \(size) of \(needed) bytes (\(problem))")
            }
        }
    }
}

/// The fields of an LMDB 0.9 meta page that matter here.
struct MetaPage {
    static let size = 16 + 136

    let pageSize: Int
    let lastPage: Int
    let transaction: UInt64
    let freeRoot: UInt64
    let mainRoot: UInt64
    let mainDepth: Int
    let freeDepth: Int
    let mainEntries: UInt64
    let freeEntries: UInt64

    /// Nil when `page` is no meta page of a 64-bit little-endian LMDB 0.9.
    init?(_ page: UnsafeRawBufferPointer) {
        guard page.count >= MetaPage.size,
            unsafe page.number(10, as: UInt16.self) & 0x08 != 0,
            unsafe page.number(16, as: UInt32.self) == 0xBEEF_C0DE,
            unsafe page.number(20, as: UInt32.self) == 1
        else { return nil }
        pageSize = Int(unsafe page.number(40, as: UInt32.self))
        freeDepth = Int(unsafe page.number(46, as: UInt16.self))
        freeRoot = unsafe page.number(80, as: UInt64.self)
        freeEntries = unsafe page.number(72, as: UInt64.self)
        mainEntries = unsafe page.number(120, as: UInt64.self)
        mainDepth = Int(unsafe page.number(94, as: UInt16.self))
        mainRoot = unsafe page.number(128, as: UInt64.self)
        let last = unsafe page.number(136, as: UInt64.self)
        transaction = unsafe page.number(144, as: UInt64.self)
        guard last >= 1, last < 1 << 44 else { return nil }
        lastPage = Int(last)
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
