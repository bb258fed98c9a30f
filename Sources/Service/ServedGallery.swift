import Concurrency
import Gallery
import GalleryModel
import Synchronization

/// A gallery that is open, with what reads its photos.
///
/// Safe from any thread.
final class ServedGallery: Sendable {
    /// The name by which clients call it.
    let name: String
    let gallery: FaceGallery
    private let settings: ServiceSettings
    private let encoder = Mutex<PhotoEncoder?>(nil)
    private let hasAnswered = Atomic(false)

    init(_ name: String, at path: String, _ settings: ServiceSettings) throws(GalleryError) {
        (self.name, self.settings) = (name, settings)
        do throws(GalleryError) { gallery = try FaceGallery(at: path) } catch .store(.permission) {
            // What cannot be written can still be asked.
            gallery = try FaceGallery(at: path, readOnly: true)
        } catch .store(.foreignOwner) {
            gallery = try FaceGallery(at: path, readOnly: true)
        }
        try gallery.requireCard()
        warm()
    }

    /// Whether photos can be turned into its templates.
    var makesTemplates: Bool { gallery.settings.networkName != FaceGallery.givenTemplates }

    /// Whether the index is in memory, and a search is answered at once.
    var isWarm: Bool { hasAnswered.load(ordering: .acquiring) }

    /// Has the index read, or trained, on a thread of its own.
    private func warm() {
        let (gallery, work) = (gallery, BackgroundWork())
        _ = work.begin { [weak self] in
            var probe = [Float](repeating: 0, count: gallery.settings.dimension)
            probe[0] = 1
            // What fails here fails again, with its reason, in a search.
            _ = try? gallery.identify(probe, FaceGallery.Search(count: 1))
            self?.hasAnswered.store(true, ordering: .releasing)
        }
    }

    /// What turns photos into the gallery's templates; loaded with the first photo.
    ///
    /// - Throws: `Problem` 422 for a gallery of given templates; `GalleryError` where the network is not there.
    func photoEncoder() throws -> PhotoEncoder {
        guard makesTemplates else {
            throw Problem(
                422, "given_templates", "the templates of '\(name)' are made by another program",
                field: "photo",
                remedy: "send a template")
        }
        return try encoder.withLock { encoder throws(GalleryError) in
            if let encoder { return encoder }
            let made = try PhotoEncoder(of: gallery, limits: settings.decoding, finding: settings.finding)
            encoder = made
            return made
        }
    }
}
