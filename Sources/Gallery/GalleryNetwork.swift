import Glibc
import Network
import TemplateStore

/// The network that a gallery's templates were made with, as it is found on this machine.
struct GalleryNetwork {
    private(set) var card: NetworkCard?
    private(set) var directory: String?
    /// Why one that is there cannot be used.
    private(set) var fault: GalleryError?

    /// Looks in the gallery, then in the cache.
    ///
    /// What is not there is no fault; what is there and cannot be read is one, and does not pass for absent. A network
    /// of that name in the cache that has other weights is another network.
    static func find(_ path: String, _ settings: StoreSettings, _ models: ModelCache) -> GalleryNetwork {
        var found = GalleryNetwork()
        guard settings.networkName != FaceGallery.givenTemplates else { return found }
        let (copy, cached) = (
            FaceGallery.networkCopy(in: path), models.directory(ofNetwork: settings.networkName)
        )
        do throws(GalleryError) {
            if isThere(copy) {
                found.card = try card(copy, of: path, settings)
                found.directory = copy
            } else if isThere(cached + "/card.json") {
                let card = try wrap { () throws(NetworkError) in try NetworkCard.load(directory: cached) }
                if card.fingerprint == settings.networkFingerprint {
                    (found.card, found.directory) = (card, cached)
                }
            }
        } catch {
            found.fault = error
        }
        return found
    }

    /// What is wrong with the copy of a network in a gallery: its card, or its weights; a line each.
    static func problems(_ path: String, _ settings: StoreSettings) -> [String] {
        let copy = FaceGallery.networkCopy(in: path)
        guard settings.networkName != FaceGallery.givenTemplates, isThere(copy) else { return [] }
        do throws(GalleryError) {
            _ = try card(copy, of: path, settings)
            _ = try wrap { () throws(NetworkError) in try NetworkDirectory.read(copy) }
            return []
        } catch {
            return ["\(error)"]
        }
    }

    private static func card(
        _ copy: String, of path: String, _ settings: StoreSettings
    ) throws(GalleryError) -> NetworkCard {
        let card = try wrap { () throws(NetworkError) in
            do throws(NetworkError) { return try NetworkCard.load(directory: copy) } catch .badCard(
                let path, let reason)
            {
                throw .badCard(
                    path: path,
                    reason: "\(reason); put the file back, from a snapshot or the network's directory")
            }
        }
        guard card.fingerprint == settings.networkFingerprint else {
            throw .network(
                .badCard(
                    path: copy + "/card.json",
                    reason:
                        "it is of other weights (\(card.fingerprint.prefix(12))) than the gallery's templates "
                        + "(\(settings.networkFingerprint.prefix(12))); put back the file that belongs to them")
            )
        }
        return card
    }

    /// Whether anything is at a path; also where the system does not say that nothing is.
    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }
}
