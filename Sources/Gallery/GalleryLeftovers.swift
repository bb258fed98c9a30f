import Files
import GalleryModel
import TemplateStore
import VectorIndex

/// What processes left in a gallery that were killed while they made something there.
enum GalleryLeftovers {
    /// Those in the gallery's folder and in the folders of its index and its network, with their paths below it.
    ///
    /// A change of the network that is not finished is none.
    static func list(in gallery: OpenFolder, _ settings: StoreSettings) -> [Leftover] {
        var found = Leftovers.list(in: gallery) + EarlierLeftovers.list(in: gallery)
        if let look = MigrationLook(of: gallery), look.state(settings) != .unfinished {
            found.append(Leftover(name: MigrationFolder.name, bytes: look.bytes))
        }
        for name in ["index", "network", MigrationFolder.name] {
            guard let folder = try? OpenFolder(name, in: gallery) else { continue }
            let inner =
                Leftovers.list(in: folder) + (name == "index" ? VectorIndex.earlierLeftovers(in: folder) : [])
            found += inner.map { Leftover(name: "\(name)/\($0.name)", bytes: $0.bytes) }
        }
        return found
    }

    /// Removes them, for a caller that may write to the gallery.
    static func clear(in gallery: OpenFolder, _ settings: StoreSettings) {
        // First: it puts a network into its place.
        MigrationFolder.clear(in: gallery, settings)
        Leftovers.clear(in: gallery)
        EarlierLeftovers.clear(in: gallery)
        for name in ["index", "network", MigrationFolder.name] {
            if let folder = try? OpenFolder(name, in: gallery) { Leftovers.clear(in: folder) }
        }
    }
}
