import Concurrency
public import GalleryModel
import Synchronization
import TemplateStore
import VectorIndex

/// How a job leaves the index that is told to end.
public enum Parting: Sendable {
    /// What could be saved without a training is saved.
    case saved
    /// A thread is still at work on the index, and can be ended with the process: it leaves what was saved before.
    case working
}

extension LocalStorage {
    /// Seconds that a job which is told to end waits for what is in the background.
    private static let partingPatience = 0.3

    /// Takes in what was enrolled, trains what is due and saves it, while the caller goes on.
    ///
    /// Returns at once; while an earlier call is at work it does nothing.
    public func keepPace() {
        guard !store.isReadOnly,
            background.isPacing.withLock({ pacing in
                defer { pacing = true }
                return !pacing
            })
        else { return }
        let begun = background.training.begin { [self] in
            // What fails here fails again at the end, where it is told.
            try? catchUpAndSave()
            background.isPacing.withLock { $0 = false }
        }
        // Where no thread can be made, the index is trained and saved at the end.
        if !begun { background.isPacing.withLock { $0 = false } }
    }

    private func catchUpAndSave() throws(StoreError) {
        // Half of the processors: the job needs the others.
        let threads = max(1, Self.trainingThreads / 2)
        let index = try withFollowedIndex(trainingThreads: threads) { _, index, _ throws(StoreError) in index
        }
        trainInBackground(index)
        shareInBackground()
    }

    /// Saves what the index has and what it can take in without a training, for a job that is told to end.
    ///
    /// The next search trains.
    public func part() throws(StoreError) -> Parting {
        guard background.training.wait(atMost: Self.partingPatience) else { return .working }
        guard !store.isReadOnly, try !isBuildingDue else { return .saved }
        let index = try withFollowedIndex { _, index, _ throws(StoreError) in index }
        if isUnsaved(index) { try save(index) }
        return .saved
    }
}
