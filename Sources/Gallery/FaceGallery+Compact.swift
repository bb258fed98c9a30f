import Files
public import GalleryModel
import TemplateStore

extension FaceGallery {
    /// Rewrites the files of a gallery, without anything of what was removed.
    ///
    /// The store as `TemplateStore.compact`, whose rules about other users hold; then the index, whose removed rows are
    /// taken out, or which is removed whole if it does not belong to the store. Once this returns, no byte of a removed
    /// template, code, name, source or digest stands in any file of the gallery. If it is cut off in between, run it
    /// again: the gallery is sound at each moment.
    ///
    /// - Parameters:
    ///   - path: the gallery's directory.
    ///   - dropsChips: removes all chips, too; from then on the gallery keeps none.
    ///   - patience: how long to wait for others to close the gallery.
    ///   - onWait: called once, before the first wait.
    /// - Throws: `.store` with `busy` while anybody has the gallery open, with `notEnoughSpace` before anything is
    ///   written.
    public static func compact(
        at path: String, dropsChips: Bool = false, patience: Duration = .zero, onWait: () -> Void = {}
    ) throws(GalleryError) -> CompactionReport {
        let before = bytesOfIndex(path)
        // Templates that a change of the network has made are references' too.
        let migration = try wrapFiles { () throws(FileError) -> MigrationFolder? in
            guard let folder = try? OpenFolder(path) else { return nil }
            return try MigrationFolder.taken(in: folder)
        }
        let report = try wrap { () throws(StoreError) in
            try TemplateStore.compact(
                at: path, dropsChips: dropsChips, patience: patience, onWait: onWait)
        }
        let storage = try wrap { () throws(StoreError) in
            let storage = try LocalStorage(at: path)
            try storage.dropRemoved()
            return storage
        }
        try migration?.dropRemoved(storage.store)
        return CompactionReport(
            bytesBefore: report.bytesBefore + before, bytesAfter: report.bytesAfter + bytesOfIndex(path))
    }

    private static func bytesOfIndex(_ path: String) -> Int { LocalStorage.bytes(inFolder: path + "/index") }
}
