internal import CLMDB
package import Files
public import GalleryModel
internal import Glibc

/// The subjects, references and templates of one gallery directory, in LMDB.
///
/// One store object or several, in one process or many, may be open on one gallery: any number of readers run
/// beside one writer and never wait for it. May be called from all threads; `write` blocks its thread while
/// another writer is at work, so call it where blocking is allowed.
///
/// ```swift
/// let store = try TemplateStore(at: "staff.gallery")
/// let id = try store.write { writer throws(StoreError) in
///     try writer.add(NewReference(subject: "ada", source: "ada.jpg", template: template))
/// }
/// let owner = try store.read { reader throws(StoreError) in try reader.subjectNumber(ofReference: id) }
/// ```
public final class TemplateStore: Sendable {
    /// The gallery directory as it was given.
    public let path: String
    /// Whether `write` is refused.
    public let isReadOnly: Bool
    let environment: Environment
    let identity: FileIdentity

    /// The newest format of galleries that this program reads and writes; `docs/format.md` describes it.
    public static var newestFormat: Int { Format.versionWithChips }

    /// What the gallery fixed when it was created.
    public var settings: StoreSettings { environment.settings }

    /// When the gallery was created, seconds since 1970-01-01 00:00 UTC.
    public var created: Double { environment.created }

    /// The gallery's open directory: what its path led to when it was opened.
    package var folder: OpenFolder { environment.folder }

    /// Opens the gallery at `path`.
    ///
    /// With `readOnly` a gallery opens without write permission too; where even `lock.mdb` cannot be written, or the
    /// directory belongs to a user who was not named as trusted, it is read without lock, and `read` throws `busy` if a
    /// writer overtook it. Waits, a bounded time, while a compaction exchanges the data file.
    ///
    /// A data file that was last written elsewhere, or by another user, or that came in its place from outside, is
    /// walked page by page first, O(gallery); whose last writer was this user here is opened in O(1).
    /// - Parameter tolerant: opens also where single records are damaged, for `verify`, `repair` and removals; what is
    ///   damaged is refused when it is read.
    /// - Throws: `notAGallery`, `permission`, `foreignOwner` for a directory of another user that is to be written into,
    ///   `unsafe` for a link in the place of a file, `damaged` (also for a data file that was cut off),
    ///   `unsupportedFormat`, `tooManyReaders`, `busy`, `io`.
    public convenience init(
        at path: String, readOnly: Bool = false, tolerant: Bool = false
    ) throws(StoreError) {
        try self.init(at: path, readOnly: readOnly, mapSize: nil, tolerant: tolerant)
    }

    init(at path: String, readOnly: Bool, mapSize: Int?, tolerant: Bool = false) throws(StoreError) {
        (identity, environment) = try EnvironmentRegistry.shared.acquire(
            path: path, readOnly: readOnly, mapSize: mapSize, tolerant: tolerant)
        self.path = path
        isReadOnly = readOnly || environment.isReadOnly
    }

    deinit { EnvironmentRegistry.shared.release(identity) }

    /// Bytes `data.mdb` takes on the disk (blocks allocated, not its nominal length).
    public var bytesOnDisk: Int {
        get throws(StoreError) {
            let status = try onFiles(path, "examining") { () throws(FileError) in
                try environment.folder.status(of: DataFile.name)
            }
            guard let status else { throw .notAGallery(path: path) }
            return status.bytesOnDisk
        }
    }

    // MARK: reading

    /// Runs `body` on a snapshot of the gallery and returns its result.
    ///
    /// A closure of several statements has to name its error: `{ reader throws(StoreError) in … }`.
    /// Never waits for writers. A long `body` keeps the pages of its snapshot from being reused: copy what a
    /// slow consumer needs. Reads may nest. About a microsecond on top of `body`.
    /// - Throws: what `body` throws, `tooManyReaders`, `busy`, `io`.
    public func read<Result>(
        _ body: (borrowing StoreReader) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try runRead(body).get()
    }

    /// `read` for a `body` that throws errors of other types too, or that does not name its error type.
    public func withReader<Result>(_ body: (borrowing StoreReader) throws -> Result) throws -> Result {
        try runRead(body).get()
    }

    // MARK: writing

    /// Runs `body` in a transaction, commits it to the disk and returns `body`'s result.
    ///
    /// When it returns, everything is durable (synced) and visible to the next `read` of any process; when it
    /// throws, nothing of it happened, or, with `gone`, not in a gallery that anybody finds. Waits while another writer is at work.
    ///
    /// `body` may run more than once: when the memory map is full it is undone, the map grows, and it runs
    /// again. So let it change nothing but the store (and variables it sets again each time).
    /// - Throws: what `body` throws, `readOnly`, `noSpace`, `gone` where the gallery was removed meanwhile, `io`; `misuse` inside a `read` or `write` of the
    ///   same gallery on the same thread, which would wait for itself.
    @discardableResult
    public func write<Result>(
        _ body: (inout StoreWriter) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try runWrite(body).get()
    }

    /// `write` for a `body` that throws errors of other types too.
    @discardableResult
    public func withWriter<Result>(_ body: (inout StoreWriter) throws -> Result) throws -> Result {
        try runWrite(body).get()
    }
}

extension TemplateStore {
    /// Gives memory that ended transactions had back to the system; worth a call before something that needs much.
    public static func giveMemoryBack() { malloc_trim(0) }
}
