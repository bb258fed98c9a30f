public import TemplateStore
import VectorIndex

extension FaceGallery {
    /// Gives the space of removed references back to the file system: the store's, and the index's.
    ///
    /// As `TemplateStore.compact`, whose rules about other users hold. Then an index of which
    /// more than one row in twenty was removed is made anew; if that is cut off, the next search does it.
    /// - Throws: `.store` with `busy` while anybody has the gallery open, with `notEnoughSpace` before anything is
    ///   written.
    public static func compact(at path: String) throws(GalleryError) -> CompactionReport {
        let before = bytesOfIndex(path)
        let report = try wrap { () throws(StoreError) in try TemplateStore.compact(at: path) }
        let storage = try LocalStorage(at: path)
        let index = try storage.withFollowedIndex { _, index, _ throws(GalleryError) in index.statistics }
        // Training takes longer than the space of a few rows is worth.
        if index.tombstones * 20 > index.count { try storage.rebuildIndex() }
        return CompactionReport(
            bytesBefore: report.bytesBefore + before, bytesAfter: report.bytesAfter + bytesOfIndex(path))
    }

    private static func bytesOfIndex(_ path: String) -> Int { LocalStorage.bytes(inFolder: path + "/index") }
}
