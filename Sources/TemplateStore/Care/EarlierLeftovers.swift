package import Files

/// Folders that creations and compactions of earlier versions left when they were killed.
///
/// Their names could be foreseen, so one counts only if it is a folder of this user that holds nothing but the two files
/// of LMDB. The caller holds the lock of the gallery's folder, shared or exclusive: earlier versions held it exclusively
/// while they worked in such a folder.
package enum EarlierLeftovers {
    private static let names = [".creating", ".compacting"]

    /// Those in a gallery's folder.
    package static func list(in gallery: OpenFolder) -> [Leftover] {
        names.compactMap { name in
            open(name, in: gallery).map { Leftover(name: name, bytes: Leftovers.bytes(in: $0)) }
        }
    }

    /// Removes them.
    package static func clear(in gallery: OpenFolder) {
        for name in names {
            guard let folder = open(name, in: gallery) else { continue }
            for file in [DataFile.name, DataFile.lockName] { _ = try? folder.remove(file) }
            _ = try? gallery.removeFolder(name)
        }
    }

    private static func open(_ name: String, in gallery: OpenFolder) -> OpenFolder? {
        guard let folder = try? OpenFolder(name, in: gallery), (try? folder.status().owner) == Owners.current,
            let names = try? folder.names(),
            names.allSatisfy({ $0 == DataFile.name || $0 == DataFile.lockName })
        else { return nil }
        return folder
    }
}
