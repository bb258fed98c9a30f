import Files
import GalleryModel
import Network
import TemplateStore

/// The folder of a gallery in which a change of its network is prepared: the new templates, and a copy of the new
/// network where the gallery gets one.
///
/// It appears and goes in one step each. The gallery's own settings tell how far the change is: as long as they name the
/// old network it is unfinished; once they name the new one it is over, and what is left of it is taken into place or
/// removed.
final class MigrationFolder {
    static let name = "migration"
    static let network = "network"

    let folder: OpenFolder
    private let gallery: OpenFolder

    private init(_ folder: OpenFolder, in gallery: OpenFolder) {
        (self.folder, self.gallery) = (folder, gallery)
    }

    /// The folder that is there, locked; nil if there is none.
    ///
    /// - Throws: `.locked` while another process has it.
    static func taken(in gallery: OpenFolder) throws(FileError) -> MigrationFolder? {
        let folder: OpenFolder
        do throws(FileError) { folder = try OpenFolder(name, in: gallery) } catch .missing { return nil }
        guard try folder.tryLock(.exclusive) else {
            throw .locked(path: folder.path, holder: "another process", seconds: 0)
        }
        // Another process may have ended the change, and removed the folder, before we had the lock.
        guard try gallery.status(of: name)?.identity == folder.status().identity else { return nil }
        return MigrationFolder(folder, in: gallery)
    }

    /// Makes the folder, with a copy of a network where one is given, and takes it.
    static func create(
        in gallery: OpenFolder, _ plan: MigrationPlan, copying source: String?
    ) throws(GalleryError) -> MigrationFolder {
        do {
            let scratch = try ScratchFolder(for: name, in: gallery)
            try scratch.folder.makeFolder(name)
            let folder = try OpenFolder(name, in: scratch.folder)
            guard try folder.tryLock(.exclusive) else {
                throw FileError.locked(path: folder.path, holder: "another process", seconds: 0)
            }
            if let source { try NetworkDirectory.copy(from: source, to: "\(folder.path)/\(network)") }
            try MadeTemplates.create(in: folder, plan)
            try folder.synchronise()
            try scratch.publish(name, as: name)
            return MigrationFolder(folder, in: gallery)
        } catch let error as NetworkError {
            throw .network(error)
        } catch let error as FileError {
            throw migrationFailure(error)
        } catch {
            throw .store(.io(path: gallery.path, doing: "changing the network of", reason: "\(error)"))
        }
    }

    /// The directory of the network's copy; nil if there is none.
    var networkDirectory: String? {
        (try? folder.status(of: Self.network)) != nil
            ? "\(gallery.path)/\(Self.name)/\(Self.network)" : nil
    }

    /// Puts what the new network needs into its place, and removes the folder; for a change that is over.
    ///
    /// What fails is tried again by the next opening that may write.
    func finish(_ settings: StoreSettings) {
        let hasCopy = networkDirectory != nil
        if let own = try? NetworkCard.load(directory: "\(gallery.path)/\(Self.network)") {
            if !NetworkIdentity(own).isRecorded(as: settings.networkFingerprint) { removeNetwork() }
        } else if hasCopy {
            removeNetwork()
        }
        if hasCopy {
            guard (try? folder.rename(Self.network, to: Self.network, in: gallery)) != nil else { return }
            _ = try? gallery.synchronise()
        }
        remove()
    }

    /// Removes the gallery's copy of the network that it no longer has.
    private func removeNetwork() {
        guard let scratch = try? ScratchFolder(for: Self.network, in: gallery) else { return }
        _ = try? gallery.rename(Self.network, to: Self.network, in: scratch.folder)
    }

    /// Removes the folder with all that is in it.
    func remove() {
        guard let scratch = try? ScratchFolder(for: Self.name, in: gallery) else { return }
        _ = try? gallery.rename(Self.name, to: Self.name, in: scratch.folder)
        _ = try? gallery.synchronise()
    }

    /// Leaves no template of a reference that was removed from the gallery.
    func dropRemoved(_ store: TemplateStore) throws(GalleryError) {
        guard let made = try wrapFiles({ () throws(FileError) in try MadeTemplates(in: folder) }) else {
            return
        }
        let failure = try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) -> GalleryError? in
                do throws(GalleryError) {
                    try wrapFiles { () throws(FileError) in
                        try made.keep(in: folder) { id, checksum in
                            (try? reader.templateChecksum(of: id)) == checksum
                        }
                    }
                    return nil
                } catch { return error }
            }
        }
        if let failure { throw failure }
    }

    /// Removes what a change has left that is over, or that no change can go on with; leaves an unfinished one.
    static func clear(in gallery: OpenFolder, _ settings: StoreSettings) {
        guard let found = try? OpenFolder(name, in: gallery), (try? found.status())?.owner == Owners.current,
            let own = try? taken(in: gallery)
        else { return }
        switch MigrationLook(in: own.folder)?.state(settings) {
        case .unfinished: return
        case .over: own.finish(settings)
        case nil, .foreign:
            let names = (try? own.folder.names()) ?? []
            guard names.allSatisfy({ $0 == network || $0 == MadeTemplates.fileName || Leftovers.isName($0) })
            else { return }
            own.remove()
        }
    }
}

/// What a gallery's folder shows of a change of its network.
struct MigrationLook {
    enum State {
        /// The gallery has the old network still.
        case unfinished
        /// The gallery has the new network.
        case over
        /// It is another gallery's, or began from another network.
        case foreign
    }

    let plan: MigrationPlan
    /// Templates that are made.
    let made: Int
    let bytes: Int

    /// nil if there is none.
    init?(of gallery: OpenFolder) {
        guard let folder = try? OpenFolder(MigrationFolder.name, in: gallery) else { return nil }
        self.init(in: folder)
    }

    init?(in folder: OpenFolder) {
        guard let found = MadeTemplates.look(in: folder) else { return nil }
        (plan, made) = (found.plan, found.count)
        bytes = Leftovers.bytes(in: folder)
    }

    func state(_ settings: StoreSettings) -> State {
        if plan.settings.networkFingerprint == settings.networkFingerprint { return .over }
        return plan.oldFingerprint == settings.networkFingerprint ? .unfinished : .foreign
    }
}

/// Runs a call on the files of a change, with their error carried in the engine's.
func wrapFiles<Result>(_ call: () throws(FileError) -> Result) throws(GalleryError) -> Result {
    do throws(FileError) { return try call() } catch { throw migrationFailure(error) }
}

/// The engine's error of a file of a change.
private func migrationFailure(_ error: FileError) -> GalleryError {
    if case .locked(let path, _, _) = error {
        return .store(
            .busy(path: path, reason: "another process is changing the gallery's network"))
    }
    return SnapshotFolder.failure(error, "changing the network in")
}
