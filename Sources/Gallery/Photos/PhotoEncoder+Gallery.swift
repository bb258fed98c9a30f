public import FaceImage
import GalleryModel

extension PhotoEncoder {
    /// The encoder for photos of a gallery: of the gallery's own network, or of the one of its name in the cache.
    ///
    /// - Parameters:
    ///   - gallery: the gallery.
    ///   - limits: the largest photo that is decoded.
    ///   - finding: how faces are found, where not as the network's card has it.
    ///   - shouldStop: asked by any thread while it decodes a photo; true ends that.
    /// - Throws: `.otherNetwork` where the network that is here is not the gallery's; `.network` or `.detector`, naming the
    ///   file that is missing or wrong.
    public convenience init(
        of gallery: FaceGallery, limits: DecodeLimits = .standard, finding: FaceSearchChoice = .standard,
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(GalleryError) {
        try gallery.requireCard()
        // A gallery that has found its own network's card has compared the fingerprints already.
        if let directory = gallery.networkDirectory {
            try self.init(network: directory, limits: limits, finding: finding, shouldStop: shouldStop)
        } else {
            // The network of the gallery's name is here and another, or it is not here.
            let (cache, own) = (ModelCache.standard, gallery.settings.networkName)
            let network = (try? cache.card(ofNetwork: own)) == nil ? ModelCache.defaultNetwork : own
            try gallery.requireNetwork(cache.card(ofNetwork: network))
            try self.init(network: network, limits: limits, finding: finding, shouldStop: shouldStop)
        }
    }
}
