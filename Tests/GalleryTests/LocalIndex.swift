import Gallery
import Testing
import VectorIndex

extension GalleryStatistics {
    /// The index of a gallery on this machine, which always has one.
    var localIndex: IndexStatistics {
        get throws { try #require(index) }
    }
}
