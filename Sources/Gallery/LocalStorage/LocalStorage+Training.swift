import Concurrency
import GalleryModel
import Synchronization
import VectorIndex

extension LocalStorage {
    /// Trains an index that has outgrown its last training, while searches and changes go on with what there is.
    ///
    /// Returns at once; of several calls one trains.
    func trainInBackground(_ index: VectorIndex) {
        guard index.needsRebuild,
            background.isTraining.withLock({ training in
                defer { training = true }
                return !training
            })
        else { return }
        let begun = background.training.begin { [self] in
            // A failure leaves the index as it was. `settle`, which needs a trained index, throws the reason.
            try? train(index)
            background.isTraining.withLock { $0 = false }
        }
        // Where no thread can be made, `settle` trains.
        if !begun { background.isTraining.withLock { $0 = false } }
    }

    /// Trains on one thread and saves, unless another process does so or has done so.
    private func train(_ index: VectorIndex) throws(StoreError) {
        guard maySave else {
            _ = try searching { () throws(IndexError) in try index.rebuildIfNeeded(threads: 1) }
            return
        }
        // Until the other is done, what there is finds the same, only slower.
        guard let turn = TrainingTurn.take(in: indexDirectory, waits: false) else { return }
        defer { withExtendedLifetime(turn) {} }
        if try adoptTrained(insteadOf: index) { return }
        let wasTrained = try searching { () throws(IndexError) in try index.rebuildIfNeeded(threads: 1) }
        // The next process is spared the training.
        if wasTrained { try save(index) }
    }
}
