import Dispatch
import Synchronization
import TemplateStore
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
        DispatchQueue.global(qos: .utility).async(group: background.training) { [self] in
            // What fails leaves the index as it was; whoever needs it trained (`settle`) is told why.
            let wasTrained = (try? index.rebuildIfNeeded(threads: 1)) ?? false
            // The next process is spared the training where this one may write; where not, nothing is lost.
            if wasTrained, !store.isReadOnly || mayShare { try? save(index) }
            background.isTraining.withLock { $0 = false }
        }
    }
}
