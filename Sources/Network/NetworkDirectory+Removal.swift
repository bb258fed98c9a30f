internal import Files

extension NetworkDirectory {
    /// Removes a network's directory: its card first, so that nobody finds half of it.
    ///
    /// A card that cannot be read stands in nobody's way. Who has opened the network goes on with it.
    ///
    /// - Throws: `unreadable` if there is none; `badArgument` for a link, and for a folder that holds other files than a
    ///   network has, such as a training's checkpoint; `cannotWrite`. Nothing is removed then, except where the system
    ///   fails halfway.
    public static func remove(_ directory: String) throws(NetworkError) {
        let (parent, name) = try reading { () throws(FileError) in try OpenFolder.holding(directory) }
        let folder: OpenFolder
        do throws(FileError) { folder = try OpenFolder(name, in: parent) } catch .wrongKind(let path, _, _) {
            throw .badArgument(
                name: path, reason: "is not removed: it is a link or a file, not a network's folder")
        } catch {
            throw .unreadable(path: "\(directory)/\(NetworkCard.fileName)", reason: error.reason)
        }
        let names = try reading { () throws(FileError) in try folder.names() }
        var own = [NetworkCard.fileName, NetworkCard.Weights().file, NetworkCard.importedFile]
        let card = try? NetworkCard.load(from: folder).card
        if let card { own.append(card.weights.file) }
        guard names.contains(where: own.contains) else {
            throw .unreadable(path: "\(directory)/\(NetworkCard.fileName)", reason: "there is no such file")
        }
        let others = names.filter { !own.contains($0) && !Leftovers.isName($0) }.sorted()
        guard others.isEmpty else {
            throw .badArgument(
                name: directory,
                reason:
                    "is not removed: it also contains \(others.prefix(3).joined(separator: ", ")), which do not belong "
                    + "to a network; delete the folder yourself")
        }
        try writing { () throws(FileError) in
            try folder.remove(NetworkCard.fileName)
            for name in names where name != NetworkCard.fileName { try folder.remove(name) }
            try parent.removeFolder(name)
            try parent.synchronise()
        }
    }
}
