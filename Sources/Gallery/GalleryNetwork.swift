import Files
import GalleryModel
import Glibc
import Network

/// The network that a gallery's templates were made with, as it is found on this machine.
struct GalleryNetwork {
    private(set) var card: NetworkCard?
    private(set) var directory: String?
    /// Why one that is there cannot be used.
    private(set) var fault: GalleryError?

    /// Looks in the gallery, then in the cache.
    ///
    /// A missing network is not a fault. One that is there and cannot be read is a fault, and is never treated as missing.
    /// A network of that name in the cache with other weights, or another card, is another network.
    static func find(_ path: String, _ settings: StoreSettings, _ models: ModelCache) -> GalleryNetwork {
        guard settings.networkName != FaceGallery.givenTemplates else { return GalleryNetwork() }
        // Another process may be putting the network of a change that is over into its place.
        for _ in 1...2 {
            let found = look(path, settings, models)
            if found.fault == nil, found.card != nil || inGallery(path, settings) == nil { return found }
        }
        return look(path, settings, models)
    }

    private static func look(
        _ path: String, _ settings: StoreSettings, _ models: ModelCache
    ) -> GalleryNetwork {
        var found = GalleryNetwork()
        let cached = models.directory(ofNetwork: settings.networkName)
        do throws(GalleryError) {
            if let copy = inGallery(path, settings) {
                found.card = try card(copy, of: path, settings)
                found.directory = copy
            } else if isThere(cached + "/card.json") {
                let card = try wrap { () throws(NetworkError) in try NetworkCard.load(directory: cached) }
                if NetworkIdentity(card).isRecorded(as: settings.networkFingerprint) {
                    (found.card, found.directory) = (card, cached)
                }
            }
        } catch {
            found.fault = error
        }
        return found
    }

    /// The directory of a gallery's own copy of its network; nil if it has none.
    static func inGallery(_ path: String, _ settings: StoreSettings) -> String? {
        let copy = FaceGallery.networkCopy(in: path)
        guard let gallery = try? OpenFolder(path), isExchanged(gallery, settings) else {
            return isThere(copy) ? copy : nil
        }
        guard let holder = holder(in: gallery, settings) else { return nil }
        return holder === gallery ? copy : "\(holder.path)/\(MigrationFolder.network)"
    }

    /// The folder in which the folder `network` of a gallery's network is; nil if there is none.
    ///
    /// After a change of the network, the new one's copy may not be in its place yet, and the old one's not gone.
    static func holder(in gallery: OpenFolder, _ settings: StoreSettings) -> OpenFolder? {
        let name = MigrationFolder.network
        guard isExchanged(gallery, settings) else { return gallery }
        if let own = try? NetworkCard.load(directory: "\(gallery.path)/\(name)"),
            NetworkIdentity(own).isRecorded(as: settings.networkFingerprint)
        {
            return gallery
        }
        guard let waiting = try? OpenFolder(MigrationFolder.name, in: gallery),
            (try? waiting.status(of: name)) != nil
        else { return nil }
        return waiting
    }

    /// Whether a change of the network is over that has left something.
    private static func isExchanged(_ gallery: OpenFolder, _ settings: StoreSettings) -> Bool {
        MigrationLook(of: gallery)?.state(settings) == .over
    }

    /// What is wrong with the copy of a network in a gallery: its card, or its weights; a line each.
    static func problems(_ path: String, _ settings: StoreSettings) -> [String] {
        guard settings.networkName != FaceGallery.givenTemplates, let copy = inGallery(path, settings) else {
            return []
        }
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
        guard NetworkIdentity(card).isRecorded(as: settings.networkFingerprint) else {
            throw .network(
                .badCard(
                    path: copy + "/card.json",
                    reason:
                        "weights, input or alignment in it (\(card.fingerprint.prefix(12))) are not those that the "
                        + "gallery's templates were made with (\(settings.networkFingerprint.prefix(12))); put back "
                        + "the file that belongs to them")
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
