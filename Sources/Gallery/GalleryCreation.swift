import Files
import GalleryModel
import Network
import TemplateStore

/// Makes a gallery together with its copy of a network.
enum GalleryCreation {
    private static let network = "network"

    /// Copies the network aside and moves it to its place; then the store appears, in one step.
    ///
    /// So there is no moment at which a gallery has no network.
    /// Where anything fails, nothing is left of either. A creation that is killed leaves no gallery, and the next one
    /// clears what it left: the folder aside, which stays until the store is there, shows that a network beside it is
    /// a killed creation's.
    /// - Parameter path: a directory that is not there, or empty.
    /// - Throws: `.network` where the network cannot be read or copied; `.store` as `TemplateStore.create`.
    static func create(
        at path: String, _ settings: StoreSettings, withNetwork source: String
    ) throws(GalleryError) {
        let parent = try writing { () throws(FileError) -> (folder: OpenFolder, name: String)? in
            // `.` and its like are there, and have no name in another folder.
            do throws(FileError) { return try OpenFolder.holding(path) } catch .badOutput { return nil }
        } orMissing: {
            .store(.noParent(path: path))
        }
        let isNew = try writing { () throws(FileError) in
            try parent?.folder.makeFolder(parent?.name ?? "", mode: 0o700) ?? false
        } orMissing: {
            .store(.noParent(path: path))
        }
        do throws(GalleryError) {
            try fill(path, settings, source)
        } catch {
            if isNew, let parent { _ = try? parent.folder.removeFolder(parent.name) }
            throw error
        }
    }

    private static func fill(
        _ path: String, _ settings: StoreSettings, _ source: String
    ) throws(GalleryError) {
        // What is there and no empty directory.
        let missing = GalleryError.store(.alreadyExists(path: path))
        let folder = try writing { () throws(FileError) in
            try OpenFolder(path)
        } orMissing: {
            missing
        }
        let names = try writing { () throws(FileError) in
            try folder.names()
        } orMissing: {
            missing
        }
        guard names.allSatisfy({ $0.hasPrefix(".") || $0 == "lost+found" || $0 == network }) else {
            throw missing
        }
        if names.contains(network) {
            guard clearNetwork(in: folder) else { throw missing }
        }
        let scratch = try writing { () throws(FileError) in
            try ScratchFolder(for: network, in: folder)
        } orMissing: {
            missing
        }
        _ = try wrap { () throws(NetworkError) in
            try NetworkDirectory.copy(from: source, to: "\(scratch.path)/\(network)")
        }
        try writing { () throws(FileError) in
            try scratch.publish(network, as: network)
        } orMissing: {
            missing
        }
        do throws(StoreError) {
            _ = try TemplateStore.create(at: path, settings: settings, beside: [network])
        } catch {
            // Put there a moment ago, by this call; it goes with the folder aside.
            _ = try? folder.rename(network, to: network, in: scratch.folder)
            throw .store(error)
        }
    }

    /// Removes the network that a killed creation has left; false where it may be somebody else's.
    private static func clearNetwork(in folder: OpenFolder) -> Bool {
        guard !Leftovers.list(in: folder, of: network).isEmpty,
            let copy = try? OpenFolder(network, in: folder), let names = try? copy.names(),
            // A card and the weights that it names, as copies have them.
            names.count <= 2, names.allSatisfy({ $0 == "card.json" || $0.hasSuffix(".safetensors") })
        else { return false }
        for name in names { _ = try? copy.remove(name) }
        return (try? folder.removeFolder(network)) != nil
    }

    private static func writing<Result>(
        _ call: () throws(FileError) -> Result, orMissing missing: () -> GalleryError
    ) throws(GalleryError) -> Result {
        do throws(FileError) { return try call() } catch {
            if case .missing = error { throw missing() }
            if case .wrongKind = error { throw missing() }
            throw .network(.cannotWrite(path: error.path, reason: error.reason))
        }
    }
}
