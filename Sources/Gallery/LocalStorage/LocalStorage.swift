import FoundationEssentials
public import GalleryModel
import Synchronization
import TemplateStore
import VectorIndex

/// A store on disk with an index in this process: the store is the truth, the index follows it.
///
/// Before each search the index takes in what was committed since, by any process.
///
/// **Locks.** Nobody waits inside a transaction for a thread that may begin one, and nobody waits for anything under
/// the store's write lock: `following` is taken before a transaction begins, `saving` outside of any.
public final class LocalStorage: GalleryStorage, GalleryCare {
    let store: TemplateStore
    let path: String
    /// The index; replaced as a whole only by one that is opened, or made again, in its place.
    private let current: Mutex<VectorIndex>
    /// Held by the one thread that brings the index up to date.
    let following = FollowLock()
    /// Held by the one thread that saves.
    let saving = Mutex(())
    /// What is known of the index on disk.
    let saved: Mutex<SavedMark>
    /// What goes on in the background.
    let background = Background()

    /// Opens the store of a gallery, and the snapshot of its index if that can be believed.
    ///
    /// What killed processes left in the gallery is removed, if it may be written to.
    ///
    /// - Parameters:
    ///   - path: the gallery's directory.
    ///   - readOnly: subjects and references cannot be changed, and permission to write is not needed.
    ///   - tolerant: as `TemplateStore` has it.
    /// - Throws: what opening the store throws; `search` where the index cannot be read.
    public init(at path: String, readOnly: Bool = false, tolerant: Bool = false) throws(StoreError) {
        let store = try TemplateStore(at: path, readOnly: readOnly, tolerant: tolerant)
        let snapshot = try Self.openSnapshot(of: store, at: path)
        self.store = store
        self.path = path
        saved = Mutex(SavedMark(snapshot))
        if !store.isReadOnly { GalleryLeftovers.clear(in: store.folder, store.settings) }
        if let snapshot {
            current = Mutex(snapshot)
        } else {
            current = Mutex(try Self.emptyIndex(for: store))
        }
    }

    /// Dimension and network, fixed when the gallery was made.
    public var settings: StoreSettings { store.settings }

    var indexDirectory: String { path + "/index" }

    /// The index as it stands, however far it has followed.
    var index: VectorIndex { current.withLock { $0 } }

    /// Takes an index in the place of the present one.
    func adopt(_ index: VectorIndex) { current.withLock { $0 = index } }

    /// What a snapshot must carry to belong to this store: the network, the moment the gallery was made, and a token
    /// of its history, so that a copy that went on otherwise is told apart.
    static func fingerprint(of store: TemplateStore, _ token: FollowerToken) -> String {
        "\(store.settings.networkFingerprint)@\(store.created)/\(token.text)"
    }

    static func emptyIndex(for store: TemplateStore) throws(StoreError) -> VectorIndex {
        try searching { () throws(IndexError) in
            try VectorIndex(dimension: store.settings.dimension, source: StoreVectors(store: store))
        }
    }

    /// Looks at the tokens and at the directory: a save may come between the two.
    private static let looks = 3

    /// The snapshot on disk, unless it is absent, damaged, not for this user to read, or of another gallery's or
    /// another copy's history.
    static func openSnapshot(of store: TemplateStore, at path: String) throws(StoreError) -> VectorIndex? {
        let directory = path + "/index"
        for _ in 0..<looks where VectorIndex.isSaved(in: directory) {
            let tokens = try store.read { reader throws(StoreError) in try reader.followerTokens }
            for token in tokens {
                do throws(IndexError) {
                    let snapshot = try VectorIndex.open(
                        directory: directory, fingerprint: fingerprint(of: store, token),
                        dimension: store.settings.dimension, source: StoreVectors(store: store))
                    if let snapshot { return snapshot }
                } catch {
                    // The gallery itself can be read, so that another index can be made of it, in memory if need be.
                    guard case .cannotRead = error else { throw StoreError(error) }
                    return nil
                }
            }
        }
        return nil
    }

    /// Runs `body` in one transaction of the store.
    func inTransaction<Result>(
        _ body: (StoreTransaction) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try store.read { reader throws(StoreError) in try body(reader.transaction) }
    }
}

extension IndexPosition {
    init(_ position: StorePosition) {
        self.init(highestID: position.highestReference, removals: position.removals)
    }

    /// Additions and removals between two positions.
    func distance(to other: IndexPosition) -> Int64 {
        let added = abs(other.highestID - highestID)
        let removed = other.removals > removals ? other.removals - removals : removals - other.removals
        return added.addingReportingOverflow(Int64(clamping: removed)).partialValue
    }
}
