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
    /// Whether the index is in it; where not, it is made anew when the gallery is first searched.
    public let hasIndex: Bool
}

extension FaceGallery {
    /// Writes a compact copy of a gallery as it is now to a new directory, with checksums of all its files.
    ///
    /// Readers and writers go on; pages that they free meanwhile are used again afterwards. The copy holds the store,
    /// the index if the one on disk belongs to just that state of the store, and the network if the gallery has a copy
    /// of one. It appears in one step, synced; what an attempt that was cut off has left is removed by the next.
    /// O(gallery).
    /// - Parameter target: a directory that is not there, or empty; its parent must be there.
    /// - Throws: `.store` with `alreadyExists`, `notEnoughSpace` before anything is copied, and as reading does.
    public static func snapshot(at path: String, to target: String) throws(GalleryError) -> SnapshotReport {
        let store = try wrap { () throws(StoreError) in try TemplateStore(at: path, readOnly: true) }
        var folder = try SnapshotFolder(target: target)
        try folder.requireSpace(try wrap { () throws(StoreError) in try store.bytesOnDisk })
        try wrap { () throws(StoreError) in try store.copy(to: folder.aside + "/store") }
        let facts = try copyFacts(folder.aside + "/store")
        var files: [SnapshotManifest.File] = []
        let (size, digest) = try folder.digest(of: SnapshotFolder.store)
        files.append(.init(name: SnapshotFolder.store, size: size, sha256: digest))
        let index = try copyIndex(of: store, path, facts.token, to: folder)
        files += index
        files += try copyFiles(SnapshotFolder.names(in: path + "/network") ?? [], "network", path, to: folder)
        let settings = store.settings
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        let manifest = SnapshotManifest(
            created: Double(time.tv_sec), network: settings.networkName,
            fingerprint: settings.networkFingerprint, dimension: settings.dimension, subjects: facts.subjects,
            references: facts.references, files: files)
        try folder.write(manifest.encoded(), to: SnapshotManifest.fileName)
        try folder.publish()
        return SnapshotReport(
            subjects: facts.subjects, references: facts.references, bytes: files.reduce(0) { $0 + $1.size },
            hasIndex: !index.isEmpty)
    }

    private struct CopyFacts {
        let subjects: Int
        let references: Int
        let token: FollowerToken?
    }

    /// What the copied store says of itself; the files that opening it leaves are no part of the copy.
    private static func copyFacts(_ path: String) throws(GalleryError) -> CopyFacts {
        defer { for name in TemplateStore.localFiles { unsafe _ = unlink(path + "/" + name) } }
        return try wrap { () throws(StoreError) in
            try TemplateStore(at: path, readOnly: true).read { reader throws(StoreError) in
                CopyFacts(
                    subjects: try reader.subjectCount, references: try reader.referenceCount,
                    token: try reader.followerToken)
            }
        }
    }

    /// Copies the index on disk where it was saved in just the history that the copied store has.
    ///
    /// Another process may save a later one meanwhile: then there is none in the copy, and nothing is lost by that.
    private static func copyIndex(
        of store: TemplateStore, _ path: String, _ token: FollowerToken?, to folder: borrowing SnapshotFolder
    ) throws(GalleryError) -> [SnapshotManifest.File] {
        guard let token,
            let names = VectorIndex.savedFiles(
                directory: path + "/index", fingerprint: LocalStorage.fingerprint(of: store, token))
        else { return [] }
        do { return try copyFiles(names, "index", path, to: folder) } catch {
            guard case .store(.io) = error else { throw error }
            for name in SnapshotFolder.names(in: folder.aside + "/index") ?? [] {
                unsafe unlink("\(folder.aside)/index/\(name)")
            }
            unsafe rmdir(folder.aside + "/index")
            return []
        }
    }

    private static func copyFiles(
        _ names: [String], _ subfolder: String, _ path: String, to folder: borrowing SnapshotFolder
    ) throws(GalleryError) -> [SnapshotManifest.File] {
        let names = names.filter { SnapshotFolder.isName("\(subfolder)/\($0)") }
        guard !names.isEmpty else { return [] }
        try folder.makeFolder(subfolder)
        // All are opened before the first is copied: a file that is replaced meanwhile stays readable.
        var open: [(name: String, descriptor: Int32)] = []
        defer { for file in open { close(file.descriptor) } }
        for name in names {
            let descriptor = unsafe Glibc.open(
                "\(path)/\(subfolder)/\(name)", O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw SnapshotFolder.failure("\(path)/\(subfolder)/\(name)", "reading")
            }
            open.append((name, descriptor))
        }
        var files: [SnapshotManifest.File] = []
        for file in open {
            let name = "\(subfolder)/\(file.name)"
            let (size, digest) = try folder.copy(from: file.descriptor, "\(path)/\(name)", to: name)
            files.append(.init(name: name, size: size, sha256: digest))
        }
        return files
    }

    /// Makes a gallery of a snapshot.
    ///
    /// The list of files and their sizes are looked at first, each file is then compared with its checksum while it is
    /// copied aside, every page of the store is walked, as checksums vouch for no more than who wrote them, and the
    /// gallery appears in one step when all were as they were written. O(gallery).
    /// - Parameter path: a directory that is not there, or empty.
    /// - Throws: `.badSnapshot` with the file that is missing or was changed; `.store` with `alreadyExists` for a
    ///   gallery, which is never overwritten, or `notEnoughSpace`.
    public static func restore(_ snapshot: String, to path: String) throws(GalleryError) -> SnapshotReport {
        let manifest = try manifest(of: snapshot)
        for file in manifest.files {
            var status = stat()
            guard unsafe lstat("\(snapshot)/\(file.name)", &status) == 0 else {
                throw .badSnapshot(snapshot: snapshot, file: file.name, reason: "it is missing")
            }
            guard status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == file.size else {
                throw .badSnapshot(
                    snapshot: snapshot, file: file.name,
                    reason: "it has \(status.st_size) bytes instead of \(file.size)")
            }
        }
        var folder = try SnapshotFolder(target: path)
        let bytes = manifest.files.reduce(0) { $0 + $1.size }
        try folder.requireSpace(bytes)
        for file in manifest.files {
            if let name = file.name.split(separator: "/").first, file.name != SnapshotFolder.store {
                try folder.makeFolder(String(name))
            }
            let from = "\(snapshot)/\(file.name)"
            let descriptor = unsafe open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw SnapshotFolder.failure(from, "reading") }
            defer { close(descriptor) }
            let name = file.name == SnapshotFolder.store ? "data.mdb" : file.name
            let found = try folder.copy(from: descriptor, from, to: name)
            guard found == (file.size, file.sha256) else {
                throw .badSnapshot(
                    snapshot: snapshot, file: file.name,
                    reason: "its checksum is not the one it was written with")
            }
        }
        try examine(folder.aside, manifest, snapshot: snapshot)
        try folder.publish()
        return SnapshotReport(
            subjects: manifest.subjects, references: manifest.references, bytes: bytes,
            hasIndex: manifest.files.contains { $0.name.hasPrefix("index/") })
    }

    /// Refuses a store that LMDB could stumble over, or that is not the one its list of files tells of.
    private static func examine(
        _ path: String, _ manifest: SnapshotManifest, snapshot: String
    ) throws(GalleryError) {
        let found: StoreExamination
        do throws(StoreError) { found = try TemplateStore.examine(at: path) } catch {
            guard case .damaged(_, let reason) = error else { throw .store(error) }
            throw .badSnapshot(snapshot: snapshot, file: SnapshotFolder.store, reason: reason)
        }
        guard found.subjects == manifest.subjects, found.references == manifest.references else {
            throw .badSnapshot(
                snapshot: snapshot, file: SnapshotManifest.fileName,
                reason:
                    "it tells of \(manifest.references) references of \(manifest.subjects) subjects, the store "
                    + "holds \(found.references) of \(found.subjects)")
        }
        let settings = StoreSettings(
            dimension: manifest.dimension, networkName: manifest.network,
            networkFingerprint: manifest.fingerprint)
        guard found.settings == settings else {
            throw .badSnapshot(
                snapshot: snapshot, file: SnapshotManifest.fileName,
                reason: "it tells of another network or dimension than the store's")
        }
    }

    private static func manifest(of snapshot: String) throws(GalleryError) -> SnapshotManifest {
        let path = "\(snapshot)/\(SnapshotManifest.fileName)"
        guard unsafe access(snapshot, F_OK) == 0 else { throw .noSnapshot(snapshot) }
        guard unsafe access(path, F_OK) == 0 else {
            throw .badSnapshot(
                snapshot: snapshot, file: SnapshotManifest.fileName,
                reason: "it is missing: this is no snapshot, or one that was cut off")
        }
        let bytes = try wrap { () throws(NetworkError) in try readFile(path, limit: 16 << 20) }
        return try SnapshotManifest(bytes, snapshot: snapshot)
    }
}
