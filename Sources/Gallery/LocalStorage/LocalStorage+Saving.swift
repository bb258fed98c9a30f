import Concurrency
import FoundationEssentials
public import GalleryModel
import Glibc
import Synchronization
import TemplateStore
import VectorIndex

/// Where an index on disk stands.
struct SavedMark: Equatable, Sendable {
    /// `nil` if none is known that can be believed.
    var position: IndexPosition?
    /// Vectors its lists were trained on; 0 without lists.
    var trainedCount = 0

    init(_ index: VectorIndex?) {
        position = index?.position
        trainedCount = index?.statistics.trainedCount ?? 0
    }
}

/// What a storage does while its callers go on.
final class Background: Sendable {
    /// Whether a thread is training the index.
    let isTraining = Mutex(false)
    /// Whether a thread is keeping the index near what a long job enrols.
    let isPacing = Mutex(false)
    /// Where the index stood when it was last tried to save it for others, which is not tried again at once.
    let lastTry = Mutex<IndexPosition?>(nil)
    /// Questions that were answered.
    let answers = Atomic(0)
    let training = BackgroundWork()
    let sharing = BackgroundWork()
}

extension LocalStorage {
    /// Answers after which a process counts as one that goes on.
    private static let someAnswers = 8
    /// References that need not be saved for the next process.
    ///
    /// To take in a fiftieth costs a process less time than opening the index, to save it ten times as much: a process that
    /// answers one question and ends leaves it to one that has more to do. That one also searches more quickly when they
    /// have lists.
    private func few(beside index: VectorIndex) -> Int64 {
        let goesOn = background.answers.load(ordering: .relaxed) > Self.someAnswers
        return Int64(max(1_000, index.count / (goesOn ? 100 : 50)))
    }
    /// Seconds that a finished process waits for another process that writes to the gallery.
    private static let patience = 10.0

    /// Trains the index where it has outgrown its last training, and saves whatever is not saved.
    public func settle() throws(StoreError) {
        var index = try withFollowedIndex { _, index, _ throws(StoreError) in index }
        // Kept until the index is saved, so that a process that waits for the turn finds what was trained.
        let turn = index.needsRebuild ? TrainingTurn.take(in: indexDirectory, waits: true) : nil
        defer { withExtendedLifetime(turn) {} }
        if turn != nil {
            if try adoptTrained(insteadOf: index) {
                index = try withFollowedIndex { _, index, _ throws(StoreError) in index }
            }
            let outgrown = index
            _ = try searching { () throws(IndexError) in try outgrown.rebuildIfNeeded(threads: 2) }
        }
        guard !store.isReadOnly, isUnsaved(index) else { return }
        try save(index)
    }

    /// Waits for what is trained and saved in the background.
    public func share() {
        background.training.wait()
        shareInBackground()
        // A process that holds the store's write lock for long must not delay our end; the next process saves.
        _ = background.sharing.wait(atMost: Self.patience)
    }

    /// Takes an index that another process has trained on more, and saved, in the place of one that has outgrown its
    /// training; to be called by who has the turn to train.
    func adoptTrained(insteadOf outgrown: VectorIndex) throws(StoreError) -> Bool {
        guard let other = try Self.openSnapshot(of: store, at: path), !other.needsRebuild,
            other.statistics.trainedCount > outgrown.statistics.trainedCount
        else { return false }
        following.lock()
        defer { following.unlock() }
        adopt(other)
        saved.withLock { $0 = SavedMark(other) }
        return true
    }

    func isUnsaved(_ index: VectorIndex) -> Bool {
        let mark = SavedMark(index)
        let saved = saved.withLock { $0 }
        return mark != saved && !(saved.position == nil && index.count == 0)
    }

    /// Saves an index that this process has trained, or brought up to date by more than a few references.
    ///
    /// Does nothing where it may not write. A search has no write lock and does not wait for one.
    ///
    /// - Parameter turn: to train, which is given back when the index is saved.
    func shareInBackground(endingTurn turn: TrainingTurn? = nil) {
        let index = index
        let position = index.position
        let known = saved.withLock { $0.position } ?? IndexPosition(highestID: 0, removals: 0)
        let few = few(beside: index)
        guard position.distance(to: known) > few else { return }
        let isDue = background.lastTry.withLock { lastTry in
            if let last = lastTry, position.distance(to: last) <= few { return false }
            lastTry = position
            return true
        }
        guard isDue, maySave else { return }
        // A failure, such as that no thread can be made, costs the next process time and nothing else.
        _ = background.sharing.begin { [self] in
            try? save(index, patience: 0)
            withExtendedLifetime(turn) {}
        }
    }

    /// Whether this process saves the index of the gallery.
    var maySave: Bool { !store.isReadOnly || mayShare }

    /// Whether this process's user owns the gallery: an index of another's could not be read by its owner.
    private var mayShare: Bool {
        var facts = stat()
        return unsafe stat(path, &facts) == 0 && facts.st_uid == geteuid() && access(path, W_OK) == 0
    }

    /// Saves a snapshot, also for a reader of the gallery: the index is no enrolled data, and spares others work.
    ///
    /// Files are written without any lock of the store's; one short transaction announces them. An index that another
    /// process has saved meanwhile stays where it is as far as this one.
    func save(_ index: VectorIndex, patience: Double = 60) throws(StoreError) {
        try saving.withLock { _ throws(StoreError) in
            let mark = SavedMark(index)
            let known = saved.withLock { $0 }
            guard mark != known else { return }
            try searching { () throws(IndexError) in try index.tidy(threads: Self.trainingThreads) }
            let writable =
                store.isReadOnly ? try TemplateStore(at: path) : store
            let token = FollowerToken.random()
            var inUse: FollowerToken?
            var failure: StoreError?
            do throws(IndexError) {
                let position = try index.save(
                    to: indexDirectory, fingerprint: Self.fingerprint(of: store, token), patience: patience
                ) { present in
                    // Read here, where nobody else saves.
                    let tokens = try? store.read { reader throws(StoreError) in try reader.followerTokens }
                    inUse = tokens?.first { Self.fingerprint(of: store, $0) == present?.fingerprint }
                    guard inUse != nil, let position = present?.position else { return false }
                    return mark.trainedCount == known.trainedCount && position.highestID >= mark.highestID
                        && position.removals >= mark.removals
                } vouch: { () throws(IndexError) in
                    do throws(StoreError) {
                        try writable.write { writer throws(StoreError) in
                            try writer.setFollowerToken(token, inUse: inUse)
                        }
                    } catch {
                        failure = error
                        throw .cancelled
                    }
                }
                saved.withLock {
                    $0.position = position
                    $0.trainedCount = mark.trainedCount
                }
            } catch {
                if let failure { throw (failure) }
                throw StoreError(error)
            }
        }
    }

    /// Throws the index away, in memory and on disk, and makes it again from the store.
    func rebuildIndex() throws(StoreError) {
        try drop(index)
        try? Self.removeIndex(at: indexDirectory)
        saved.withLock { $0 = SavedMark(nil) }
        let index = try withFollowedIndex { _, index, _ throws(StoreError) in index }
        _ = try searching { () throws(IndexError) in try index.rebuildIfNeeded(threads: 2) }
        try save(index)
    }
}

extension SavedMark {
    fileprivate var highestID: Int64 { position?.highestID ?? 0 }
    fileprivate var removals: UInt64 { position?.removals ?? 0 }
}
