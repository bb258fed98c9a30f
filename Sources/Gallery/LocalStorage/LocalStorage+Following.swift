import Foundation
import GalleryModel
import Synchronization
import TemplateStore
import VectorIndex

extension LocalStorage {
    /// Brings the index up to one state of the store, and runs `body` on the two.
    ///
    /// - Parameters:
    ///   - trainingThreads: threads that train an index if there is none.
    ///   - body: gets the index, and its moment that holds just the templates of the transaction's state.
    func withFollowedIndex<Result>(
        trainingThreads: Int = LocalStorage.trainingThreads,
        _ body: (StoreTransaction, VectorIndex, IndexMoment) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        following.lock()
        var isLocked = true
        defer { if isLocked { following.unlock() } }
        for _ in 1...2 {
            let index = try indexToFollow(trainingThreads: trainingThreads)
            // Begun under the lock: what the index has followed was committed before.
            let result = try inTransaction { transaction throws(StoreError) -> Result? in
                guard try follow(transaction, index) else { return nil }
                let moment = index.moment
                following.unlock()
                isLocked = false
                return try body(transaction, index, moment)
            }
            if let result { return result }
            // Ahead of the store: a repair has counted again, and the index is of what was before.
            adopt(try Self.emptyIndex(for: store))
        }
        throw StoreError(
            IndexError.damaged(file: indexDirectory, problem: "it does not agree with the gallery's counters"))
    }

    /// Takes in what was committed between the index's position and the state of a transaction.
    ///
    /// - Returns: whether the index is now at that state.
    private func follow(_ transaction: StoreTransaction, _ index: VectorIndex) throws(StoreError) -> Bool {
        try inStorage {
            let reader = LocalReading.Reader(transaction: transaction)
            return try Self.follow(reader, index)
        }
    }

    /// The same for any index and reader.
    static func follow(_ reader: some StoreReading, _ index: VectorIndex) throws -> Bool {
        let position = try IndexPosition(reader.position)
        if index.position == position { return true }
        index.remove(ids: try reader.removals(after: index.position.removals))
        try IndexFeed(index, to: position, threads: trainingThreads).takeAll(from: reader)
        index.advance(to: position)
        return index.position == position
    }

    /// The index, built if there is none that is worth following; to be called under `following`.
    private func indexToFollow(trainingThreads: Int) throws(StoreError) -> VectorIndex {
        guard try isBuildingDue else { return index }
        // Where the wait was in vain, better trained twice than not answered.
        var turn: TrainingTurn?
        if maySave {
            turn = TrainingTurn.take(in: indexDirectory, waits: true)
        } else {
            TrainingTurn.awaitOthers(in: indexDirectory)
        }
        // Another process may have saved one since.
        if let snapshot = try Self.openSnapshot(of: store, at: path) {
            adopt(snapshot)
            saved.withLock { $0 = SavedMark(snapshot) }
            if try !isBuildingDue { return snapshot }
        }
        let index = index
        // A large store's templates need not go through memory.
        TemplateStore.giveMemoryBack()
        let (ids, position) = try inTransaction { transaction throws(StoreError) in
            let reader = LocalReading.Reader(transaction: transaction)
            return (try reader.allReferences, IndexPosition(try reader.position))
        }
        // Outside of any transaction: its threads begin their own, and it takes long.
        try searching { () throws(IndexError) in
            try index.build(ids: ids, position: position, threads: trainingThreads)
        }
        // At once: others wait for it.
        shareInBackground(endingTurn: turn)
        return index
    }

    /// Whether lists are due and following would mean to take in nearly everything.
    var isBuildingDue: Bool {
        get throws(StoreError) {
            let index = index
            let known = index.count
            guard known < VectorIndex.listsFrom, index.statistics.lists == 0 else { return false }
            let stored = try inTransaction { transaction throws(StoreError) in
                try LocalReading.Reader(transaction: transaction).referenceCount
            }
            return stored >= VectorIndex.listsFrom && stored / 4 >= known
        }
    }

    /// Threads that train an index: all there are, as there is nothing to be searched before it is done.
    static let trainingThreads = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// Puts an empty index in the place of one that is wrong, unless somebody has.
    func drop(_ wrong: VectorIndex) throws(StoreError) {
        following.lock()
        defer { following.unlock() }
        if index === wrong { adopt(try Self.emptyIndex(for: store)) }
    }
}
