import FoundationEssentials
import Synchronization
public import TemplateStore
import VectorIndex

/// A store on disk with an index in this process: the store is the truth, the index follows it.
///
/// Before each search the index takes in what was committed since, by any process.
public final class LocalStorage: GalleryStorage {
    let store: TemplateStore
    let path: String
    /// The index, replaced as a whole only by a repair.
    private let current: Mutex<VectorIndex>
    /// Held by the one thread that brings the index up to date.
    private let following = Mutex(())
    /// Whether a thread is training the index.
    let isTraining = Mutex(false)
    /// Where the snapshot on disk stands; `nil` where there is none to be believed.
    private let savedPosition: Mutex<IndexPosition?>

    /// Opens the store of a gallery, and the snapshot of its index if that can be believed.
    ///
    /// - Throws: `.store`, `.index`.
    public init(at path: String, readOnly: Bool = false) throws(GalleryError) {
        let store = try wrap { () throws(StoreError) in try TemplateStore(at: path, readOnly: readOnly) }
        let snapshot = try Self.openSnapshot(of: store, at: path)
        self.store = store
        self.path = path
        if let snapshot {
            current = Mutex(snapshot)
        } else {
            current = Mutex(try Self.emptyIndex(for: store))
        }
        savedPosition = Mutex(snapshot?.position)
    }

    /// Dimension and network, fixed when the gallery was made.
    public var settings: StoreSettings { store.settings }

    var indexDirectory: String { path + "/index" }

    /// What a snapshot must carry to belong to this store: the network, the moment the gallery was made, and the
    /// token of the transaction it was saved under, so that a copy that went on otherwise is told apart.
    static func fingerprint(of store: TemplateStore, _ token: FollowerToken) -> String {
        "\(store.settings.networkFingerprint)@\(store.created)/\(token.text)"
    }

    static func emptyIndex(for store: TemplateStore) throws(GalleryError) -> VectorIndex {
        try wrap { () throws(IndexError) in
            try VectorIndex(dimension: store.settings.dimension, source: StoreVectors(store: store))
        }
    }

    /// The snapshot on disk, unless it is absent, damaged, or of another gallery's or another copy's history.
    static func openSnapshot(of store: TemplateStore, at path: String) throws(GalleryError) -> VectorIndex? {
        var tried: FollowerToken?
        while true {
            let token = try wrap { () throws(StoreError) in
                try store.read { reader throws(StoreError) in try reader.followerToken }
            }
            // The same token again: no other process saved meanwhile, and there is nothing to be believed.
            guard let token, token != tried else { return nil }
            tried = token
            let snapshot = try wrap { () throws(IndexError) in
                try VectorIndex.open(
                    directory: path + "/index", fingerprint: fingerprint(of: store, token),
                    dimension: store.settings.dimension, source: StoreVectors(store: store))
            }
            if let snapshot { return snapshot }
        }
    }

    // MARK: following the store

    /// The index with everything in it that was committed before this call.
    func followedIndex() throws(GalleryError) -> VectorIndex {
        let index = current.withLock { $0 }
        let position = try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in try reader.position }
        }
        if index.position == IndexPosition(position) { return index }
        return try following.withLock { _ throws(GalleryError) in
            try Self.bringUpToDate(index, with: store)
            return index
        }
    }

    static func bringUpToDate(_ index: VectorIndex, with store: TemplateStore) throws(GalleryError) {
        try wrapAll { try store.withReader { reader in try follow(reader, index) } }
    }

    private static func follow(_ reader: borrowing some StoreReading & ~Copyable, _ index: VectorIndex) throws {
        let position = try IndexPosition(reader.position)
        if index.count == 0, try reader.referenceCount >= VectorIndex.listsFrom {
            // A large store's templates need not go through memory.
            TemplateStore.giveMemoryBack()
            return try index.build(ids: reader.allReferences, position: position, threads: trainingThreads)
        }
        let removed = try reader.removals(after: index.position.removals)
        index.remove(ids: removed)
        try IndexFeed(index).takeAll(from: reader)
        index.advance(to: position)
    }

    /// Threads that train an index: all there are, as there is nothing to be searched before it is done.
    private static let trainingThreads = max(1, ProcessInfo.processInfo.activeProcessorCount)

    // MARK: snapshots

    /// Trains the index where it has outgrown its last training, and saves it where the one on disk is far behind.
    public func settle() throws(GalleryError) {
        let index = try followedIndex()
        let wasTrained = try wrap { () throws(IndexError) in try index.rebuildIfNeeded(threads: 2) }
        guard !store.isReadOnly, wasTrained || isWorthSaving(index) else { return }
        try save(index)
    }

    private func isWorthSaving(_ index: VectorIndex) -> Bool {
        guard let saved = savedPosition.withLock({ $0 }) else { return index.count > 0 }
        let added = index.position.highestID - saved.highestID
        let removed = Int64(clamping: index.position.removals - saved.removals)
        return added + removed > max(1000, Int64(index.count / 20))
    }

    /// Saves a snapshot, also for a reader of the gallery: the index is no enrolled data, and spares others work.
    func save(_ index: VectorIndex) throws(GalleryError) {
        // Under the store's write lock, so that of two processes the later one saves the later state.
        let writable =
            store.isReadOnly ? try wrap { () throws(StoreError) in try TemplateStore(at: path) } : store
        try wrapAll {
            try writable.withWriter { writer in
                try following.withLock { _ in try Self.follow(writer, index) }
                let token = FollowerToken.random()
                try index.save(to: indexDirectory, fingerprint: Self.fingerprint(of: store, token))
                try writer.setFollowerToken(token)
            }
        }
        savedPosition.withLock { $0 = index.position }
    }

    /// Throws the index away, in memory and on disk, and makes it anew from the store.
    func rebuildIndex() throws(GalleryError) {
        try? FileManager.default.removeItem(atPath: indexDirectory)
        try save(replaceIndex())
    }

    /// Makes the index in memory anew from the store.
    @discardableResult
    func replaceIndex() throws(GalleryError) -> VectorIndex {
        let index = try Self.emptyIndex(for: store)
        try Self.bringUpToDate(index, with: store)
        _ = try wrap { () throws(IndexError) in try index.rebuildIfNeeded(threads: 2) }
        current.withLock { $0 = index }
        return index
    }
}

extension IndexPosition {
    init(_ position: StorePosition) {
        self.init(highestID: position.highestReference, removals: position.removals)
    }
}
