import Files
import GalleryModel
import Glibc
import Network
import TemplateStore
import VectorIndex

/// What a snapshot holds.
public struct SnapshotReport: Sendable, Equatable {
    /// Subjects in it.
    public let subjects: Int
    /// References in it.
    public let references: Int
    /// Bytes of all its files.
    public let bytes: Int
    /// Whether the index is in it; where not, it is made again when the gallery is first searched.
    public let hasIndex: Bool
}

extension FaceGallery {
    /// Writes a compact copy of a gallery as it is now to a new directory, with checksums of all its files.
    ///
    /// Readers and writers go on; pages that they free meanwhile are used again afterwards. The copy holds the store,
    /// the index if the one on disk belongs to just that state of the store, and the network if the gallery has a copy
    /// of one. It appears in one step, synced; what an attempt that was cut off has left is removed by the next.
    /// O(gallery).
    ///
    /// - Parameters:
    ///   - path: the gallery's directory.
    ///   - target: a directory that is not there, or empty; its parent must be there.
    /// - Throws: `.store` with `alreadyExists`, `notEnoughSpace` before anything is copied, and as reading does.
    public static func snapshot(at path: String, to target: String) throws(GalleryError) -> SnapshotReport {
        let store = try wrap { () throws(StoreError) in try TemplateStore(at: path, readOnly: true) }
        let folder = try SnapshotFolder(target: target)
        try folder.requireSpace(try wrap { () throws(StoreError) in try store.bytesOnDisk })
        do throws(StoreError) { try store.copy(to: folder.folder.stablePath + "/store") } catch {
            throw .store(error.about(target))
        }
        let facts = try StoreFacts(folder, "store", target)
        let settings = store.settings
        var files: [SnapshotManifest.File] = []
        let (size, digest) = try folder.digest(of: SnapshotFolder.store)
        files.append(.init(name: SnapshotFolder.store, size: size, sha256: digest))
        let index = try copyIndex(of: store, path, facts.token, to: folder)
        files += index
        if let holder = GalleryNetwork.holder(in: store.folder, settings) {
            files += try copyFiles(networkFiles(in: holder), "network", in: holder, to: folder)
        }
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        let manifest = SnapshotManifest(
            created: Double(time.tv_sec), network: settings.networkName,
            fingerprint: settings.networkFingerprint, dimension: settings.dimension, subjects: facts.subjects,
            references: facts.references, files: files)
        try folder.write(manifest.encoded(), to: SnapshotManifest.fileName)
        try folder.publish()
        return SnapshotReport(
            subjects: facts.subjects, references: facts.references, bytes: files.map(\.size).saturatingSum,
            hasIndex: !index.isEmpty)
    }

    private static func networkFiles(in holder: OpenFolder) throws(GalleryError) -> [String] {
        do throws(FileError) { return try OpenFolder("network", in: holder).names() } catch .missing {
            return []
        } catch { throw SnapshotFolder.failure(error, "reading") }
    }

    /// Copies the index on disk where it was saved in just the history that the copied store has.
    ///
    /// Another process may save a later one meanwhile: then there is none in the copy, and nothing is lost by that.
    private static func copyIndex(
        of store: TemplateStore, _ path: String, _ token: FollowerToken?, to folder: SnapshotFolder
    ) throws(GalleryError) -> [SnapshotManifest.File] {
        guard let token,
            let names = VectorIndex.savedFiles(
                directory: path + "/index", fingerprint: LocalStorage.fingerprint(of: store, token))
        else { return [] }
        do { return try copyFiles(names, "index", in: store.folder, to: folder) } catch {
            guard case .store(.io) = error else { throw error }
            folder.removeFolder("index")
            return []
        }
    }

    private static func copyFiles(
        _ names: [String], _ subfolder: String, in parent: OpenFolder, to folder: SnapshotFolder
    ) throws(GalleryError) -> [SnapshotManifest.File] {
        let names = names.filter { SnapshotFolder.isName("\(subfolder)/\($0)") }
        guard !names.isEmpty else { return [] }
        try folder.makeFolder(subfolder)
        // All are opened before the first is copied: a file that is replaced meanwhile stays readable.
        var open: [(name: String, file: InputFile)] = []
        do throws(FileError) {
            let from = try OpenFolder(subfolder, in: parent)
            for name in names { open.append((name, try InputFile(name, in: from))) }
        } catch { throw SnapshotFolder.failure(error, "reading") }
        var files: [SnapshotManifest.File] = []
        for (name, file) in open {
            let name = "\(subfolder)/\(name)"
            let (size, digest) = try folder.copy(file, to: name)
            files.append(.init(name: name, size: size, sha256: digest))
        }
        return files
    }

    /// Makes a gallery of a snapshot.
    ///
    /// The list of files and their sizes are looked at first, each file is then compared with its checksum while it is
    /// copied aside, every page of the store is walked, as checksums vouch for no more than who wrote them, and the
    /// gallery appears in one step when all was as the snapshot says. O(gallery).
    ///
    /// - Parameters:
    ///   - snapshot: a directory that `snapshot` wrote.
    ///   - path: a directory that is not there, or empty.
    /// - Throws: `.badSnapshot` with the file that is missing, was changed, or says of the store what is not so; `.store`
    ///   with `alreadyExists` for a gallery, which is never overwritten, or `notEnoughSpace`.
    public static func restore(_ snapshot: String, to path: String) throws(GalleryError) -> SnapshotReport {
        let source = try SnapshotSource(snapshot)
        let manifest = source.manifest
        let folder = try SnapshotFolder(target: path)
        try folder.requireSpace(manifest.bytes)
        for file in manifest.files {
            if let name = file.name.split(separator: "/").first, file.name != SnapshotFolder.store {
                try folder.makeFolder(String(name))
            }
            let name = file.name == SnapshotFolder.store ? "data.mdb" : file.name
            let found = try folder.copy(try source.open(file), to: name, limit: file.size)
            guard found == (file.size, file.sha256) else {
                throw .badSnapshot(
                    snapshot: snapshot, file: file.name,
                    reason: "its checksum is wrong")
            }
        }
        try source.compare(with: StoreFacts(walking: folder, snapshot: snapshot))
        try folder.publish()
        return SnapshotReport(
            subjects: manifest.subjects, references: manifest.references, bytes: manifest.bytes,
            hasIndex: manifest.files.contains { $0.name.hasPrefix("index/") })
    }
}

/// What a copied store says of itself.
struct StoreFacts {
    let settings: StoreSettings
    let subjects: Int
    let references: Int
    let token: FollowerToken?

    /// Opens and counts the store in a folder; the files that opening it leaves are no part of the copy.
    ///
    /// - Parameter target: what errors name.
    init(_ folder: SnapshotFolder, _ name: String?, _ target: String) throws(GalleryError) {
        let path = folder.folder.stablePath + (name.map { "/" + $0 } ?? "")
        defer { for file in TemplateStore.localFiles { folder.remove(name.map { "\($0)/\(file)" } ?? file) } }
        do throws(StoreError) {
            let store = try TemplateStore(at: path, readOnly: true)
            settings = store.settings
            (subjects, references, token) = try store.read { reader throws(StoreError) in
                (try reader.subjectCount, try reader.referenceCount, try reader.followerToken)
            }
        } catch { throw .store(error.about(target)) }
    }

    /// Walks the pages of a store that came from elsewhere, before LMDB follows any of them.
    ///
    /// - Throws: `.badSnapshot` where a page or record is not as LMDB or the store expects it.
    init(walking folder: SnapshotFolder, snapshot: String) throws(GalleryError) {
        do throws(StoreError) {
            let found = try TemplateStore.examine(at: folder.folder.stablePath)
            (settings, subjects, references) = (found.settings, found.subjects, found.references)
            token = nil
        } catch {
            guard case .damaged(_, let reason) = error else { throw .store(error.about(snapshot)) }
            throw .badSnapshot(snapshot: snapshot, file: SnapshotFolder.store, reason: reason)
        }
    }
}

extension StoreError {
    /// The same error of a gallery in the making, which its user knows by another path.
    func about(_ target: String) -> StoreError {
        switch self {
        case .notAGallery: .notAGallery(path: target)
        case .permission(_, let doing): .permission(path: target, doing: doing)
        case .noSpace: .noSpace(path: target)
        case .notEnoughSpace(_, let needed, let available):
            .notEnoughSpace(path: target, needed: needed, available: available)
        case .damaged(_, let reason): .damaged(path: target, reason: reason)
        case .unsupportedFormat(_, let version, let supported):
            .unsupportedFormat(path: target, version: version, supported: supported)
        case .io(_, let doing, let reason): .io(path: target, doing: doing, reason: reason)
        case .busy(_, let reason): .busy(path: target, reason: reason)
        default: self
        }
    }
}
