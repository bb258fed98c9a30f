import Files
import GalleryModel

/// A snapshot that is read, from a writer who is not trusted.
struct SnapshotSource {
    /// Bytes that a list of files can have.
    private static let largestManifest = 16 << 20

    let snapshot: String
    let manifest: SnapshotManifest
    private let folder: OpenFolder

    /// Opens a snapshot and reads its list of files, whose presence and sizes are looked at.
    ///
    /// - Throws: `.noSnapshot`, `.badSnapshot`.
    init(_ snapshot: String) throws(GalleryError) {
        self.snapshot = snapshot
        do throws(FileError) { folder = try OpenFolder(snapshot) } catch {
            if case .missing = error { throw .noSnapshot(snapshot) }
            throw SnapshotFolder.failure(error, "reading")
        }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try InputFile(SnapshotManifest.fileName, in: folder).readAll(limit: Self.largestManifest)
        } catch {
            let isMissing = if case .missing = error { true } else { false }
            throw .badSnapshot(
                snapshot: snapshot, file: SnapshotManifest.fileName,
                reason: isMissing
                    ? "it is missing: this is not a snapshot, or an incomplete one" : "it \(error.reason)")
        }
        manifest = try SnapshotManifest(bytes, snapshot: snapshot)
        for file in manifest.files { _ = try open(file) }
    }

    /// Opens a file of the list, which is no link and has the size it was written with.
    func open(_ file: SnapshotManifest.File) throws(GalleryError) -> InputFile {
        do throws(FileError) {
            let parts = file.name.split(separator: "/").map(String.init)
            var inner = folder
            for name in parts.dropLast() { inner = try OpenFolder(name, in: inner) }
            let opened = try InputFile(parts.last ?? "", in: inner)
            let size = try opened.status().size
            if size == file.size { return opened }
            throw .tooLarge(path: opened.path, size: size, limit: file.size)
        } catch {
            let reason =
                switch error {
                case .missing: "it is missing"
                case .tooLarge(_, let size, let limit): "it has \(size) bytes instead of \(limit)"
                default: "it \(error.reason)"
                }
            throw .badSnapshot(snapshot: snapshot, file: file.name, reason: reason)
        }
    }

    /// Refuses a snapshot that says of its store what is not so.
    func compare(with facts: StoreFacts) throws(GalleryError) {
        guard (manifest.subjects, manifest.references) == (facts.subjects, facts.references) else {
            throw .badSnapshot(
                snapshot: snapshot, file: SnapshotManifest.fileName,
                reason:
                    "it states \(manifest.references) references of \(manifest.subjects) subjects, but the store has "
                    + "\(facts.references) of \(facts.subjects)")
        }
        let settings = facts.settings
        guard manifest.dimension == settings.dimension, manifest.network == settings.networkName,
            manifest.fingerprint == settings.networkFingerprint
        else {
            throw .badSnapshot(
                snapshot: snapshot, file: SnapshotManifest.fileName,
                reason: "it names another network or dimension than the store has")
        }
    }
}
