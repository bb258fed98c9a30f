import Files
import FoundationEssentials
import GalleryModel
import Synchronization
import TemplateStore
import VectorIndex

extension LocalStorage {
    /// Leaves nothing of removed references in the files of the index.
    ///
    /// We remove an index that does not belong to this store, and the saved index before a new one is written. After an
    /// interruption, the next search builds the index again.
    func dropRemoved() throws(StoreError) {
        let removals = try store.read { reader throws(StoreError) in try reader.position.removals }
        guard saved.withLock({ $0.position != nil }) else { return try Self.removeIndex(at: indexDirectory) }
        guard removals > 0 else { return }
        let index = try withFollowedIndex { _, index, _ throws(StoreError) in index }
        try searching { () throws(IndexError) in try index.dropRemovedRows(threads: 2) }
        try Self.removeIndex(at: indexDirectory)
        saved.withLock { $0 = SavedMark(nil) }
        try save(index)
    }

    /// Removes an index with its folder.
    static func removeIndex(at directory: String) throws(StoreError) {
        guard FileManager.default.fileExists(atPath: directory) else { return }
        if let folder = try? OpenFolder(directory, followingLinks: false) {
            try? VectorIndex.removeManifest(in: folder)
        }
        do { try FileManager.default.removeItem(atPath: directory) } catch {
            throw .io(path: directory, doing: "removing", reason: "\(error)")
        }
    }
}
