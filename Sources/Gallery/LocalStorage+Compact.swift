import FoundationEssentials
import Synchronization
import TemplateStore
import VectorIndex

extension LocalStorage {
    /// Leaves nothing of removed references in the files of the index.
    ///
    /// We remove an index that does not belong to this store, and the saved index before a new one is written. After an
    /// interruption, the next search builds the index again.
    func dropRemoved() throws(GalleryError) {
        let removals = try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in try reader.position.removals }
        }
        guard saved.withLock({ $0.position != nil }) else { return try removeIndex() }
        guard removals > 0 else { return }
        let index = try withFollowedIndex { _, index, _ throws(GalleryError) in index }
        try wrap { () throws(IndexError) in try index.dropRemovedRows(threads: 2) }
        try removeIndex()
        saved.withLock { $0 = SavedMark(nil) }
        try save(index)
    }

    private func removeIndex() throws(GalleryError) {
        guard FileManager.default.fileExists(atPath: indexDirectory) else { return }
        do { try FileManager.default.removeItem(atPath: indexDirectory) } catch {
            throw .store(.io(path: indexDirectory, doing: "removing", reason: "\(error)"))
        }
    }
}
