import Files
import GalleryModel
import Network
import TemplateStore

extension FaceGallery {
    /// Changes the network of a gallery: makes the template of every reference again, from its photo, or from the chip
    /// that the gallery keeps of it where the photo does not serve.
    ///
    /// The new templates are gathered beside the gallery, which answers as before; references may be enrolled, removed,
    /// renamed and merged meanwhile. When all are there, they take the place of the old ones in one step, for which, as
    /// for `compact`, nobody may have the gallery open; this process must not either. Then no byte of an old template
    /// stays, and a new index is trained and saved. A run that ends early can be continued: the next one with the
    /// same network keeps what was made. Thresholds do not come along.
    ///
    /// A reference without a chip whose photo is gone, has changed, or does not show the face any more cannot be made
    /// again, nor one that was given as a template. Photos that show several faces are told by the old network, where that is installed.
    ///
    /// - Parameters:
    ///   - path: the gallery's directory.
    ///   - settings: threads, limits, and whether references that cannot be made again are dropped.
    ///   - shouldStop: asked by any thread; true ends the work, after which it can be gone on with.
    ///   - onEvent: called by the calling thread; what it throws ends the work.
    /// - Throws: `GalleryError.cannotMakeAgain` unless `dropsMissing`, `.otherMigration` while a change to another
    ///   network is unfinished, `.store` with `busy` where the gallery is open longer than `patience`, and what reading
    ///   the network, the photos and the gallery throw. Nothing has changed then.
    public static func migrate(
        at path: String, _ settings: MigrationSettings,
        shouldStop: @escaping @Sendable () -> Bool = { false }, onEvent: (MigrationEvent) throws -> Void
    ) throws -> MigrationReport {
        let card = try settings.models.card(ofNetwork: settings.network)
        let target = StoreSettings(
            dimension: card.dimension, networkName: card.name, networkFingerprint: card.fingerprint)
        var gathering = try TemplateGathering(at: path, to: target, settings, shouldStop: shouldStop)
        guard !gathering.report.wasThere else {
            gathering.close()
            if !settings.isDryRun { try FaceGallery(at: path, models: settings.models).settle() }
            gathering.report.isDone = !settings.isDryRun
            return gathering.report
        }
        try gathering.survey(onEvent)
        while true {
            try gathering.gather(onEvent)
            guard !gathering.report.isInterrupted, !settings.isDryRun else { return gathering.report }
            try gathering.requireAll()
            do {
                try gathering.exchange(onEvent)
                break
            } catch GalleryError.store(.cancelled) {
                if shouldStop() {
                    gathering.report.isInterrupted = true
                    return gathering.report
                }
                try onEvent(.catchingUp)
            }
        }
        try onEvent(.exchanged)
        try FaceGallery(at: path, models: settings.models).settle()
        return gathering.report
    }

    /// Gives up a change of a gallery's network that is not finished; the gallery stays as it is.
    ///
    /// - Returns: what was given up; nil if there is no such change.
    /// - Throws: `.store` with `busy` while another process is at work on it.
    public static func abandonMigration(at path: String) throws(GalleryError) -> UnfinishedMigration? {
        // Opened first: what a change has left that is over is no longer there then.
        let storage = try wrap { () throws(StoreError) in try LocalStorage(at: path) }
        let unfinished = try wrap { () throws(StoreError) in try storage.statistics().migration }
        let taken = try wrapFiles { () throws(FileError) in
            try MigrationFolder.taken(in: storage.store.folder)
        }
        taken?.remove()
        return unfinished
    }
}
