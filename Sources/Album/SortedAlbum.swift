package import Files
import Gallery
import Glibc

/// How a photo gets into an album.
public enum PhotoPlacing: String, Sendable, CaseIterable {
    /// A copy of its bytes, with its time.
    case copy
    /// A further name of the same file, on the same disk.
    case link
    /// A symbolic link to its absolute path.
    case symlink
}

/// Puts photos into folders by the people on them.
///
/// A photo with several people goes into the folder of each. It is never changed, and nothing that is in the album is
/// replaced or removed: what an earlier run placed is recognised, and another file of the same name makes the photo get
/// a number behind its name.
public struct SortedAlbum {
    /// What became of a photo in a folder.
    public enum Outcome: String, Sendable {
        /// It was placed now.
        case placed
        /// An earlier run had placed it.
        case present
    }

    /// A photo's place.
    public struct Place: Sendable {
        /// Path of the photo's copy or link, below the album.
        public let path: String
        /// Whether it is new.
        public let outcome: Outcome
    }

    /// Folders of photos without a sure name.
    private enum Others {
        static let unknown = "_unknown"
        static let ambiguous = "_ambiguous"
        static let review = "_review"
    }

    private let album: OpenFolder
    private let placing: PhotoPlacing
    private let isDryRun: Bool
    private let names: FolderNames

    /// An album in a folder, which is made if it is not there.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - names: has noted all subjects of the gallery.
    ///   - isDryRun: whether nothing is to be written.
    /// - Throws: `FileError`.
    package init(
        at path: String, _ placing: PhotoPlacing, names: FolderNames, isDryRun: Bool
    ) throws(FileError) {
        (self.placing, self.names, self.isDryRun) = (placing, names, isDryRun)
        let (parent, name) = try OpenFolder.holding(path)
        if isDryRun, try parent.status(of: name) == nil {
            album = parent
        } else {
            if !isDryRun { _ = try parent.makeFolder(name) }
            album = try OpenFolder(name, in: parent)
        }
        isThere = album !== parent
    }

    private let isThere: Bool

    /// The folders that a photo belongs into.
    public func folders(of photo: IdentifiedPhoto) -> [String] {
        var folders = photo.subjects.map { names.folder(of: $0) }
        let decisions = Set(photo.faces.map(\.answer.decision))
        if decisions.contains(.ambiguous) { folders.append(Others.ambiguous) }
        if decisions.contains(.review) { folders.append(Others.review) }
        // Strangers in the background do not make a photo of somebody one of nobody.
        if folders.isEmpty { folders.append(Others.unknown) }
        return folders
    }

    /// Places a photo into its folders.
    ///
    /// - Throws: `FileError` for what cannot be read or written; folders before it have the photo.
    package func place(_ photo: IdentifiedPhoto) throws(FileError) -> [Place] {
        var places: [Place] = []
        for folder in folders(of: photo) { places.append(try place(photo.path, in: folder)) }
        return places
    }

    private func place(_ path: String, in folderName: String) throws(FileError) -> Place {
        let name = Self.fileName(of: path)
        guard isThere else { return Place(path: "\(folderName)/\(name)", outcome: .placed) }
        if isDryRun, try album.status(of: folderName) == nil {
            return Place(path: "\(folderName)/\(name)", outcome: .placed)
        }
        if !isDryRun { _ = try album.makeFolder(folderName) }
        let folder = try OpenFolder(folderName, in: album)
        let source = try Original(path, followsContent: placing == .copy)
        // A name that is taken by another file gets a number; nobody has so many of one name.
        for number in 1...10_000 {
            let candidate = Self.numbered(name, number)
            if try folder.status(of: candidate) != nil {
                if try source.isPlaced(candidate, in: folder, placing) {
                    return Place(path: "\(folderName)/\(candidate)", outcome: .present)
                }
                continue
            }
            let isPlaced = isDryRun ? true : try source.place(candidate, in: folder, placing)
            if isPlaced {
                return Place(path: "\(folderName)/\(candidate)", outcome: .placed)
            }
        }
        throw .system(path: "\(folder.path)/\(name)", doing: .creating, code: EEXIST)
    }

    private static func fileName(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? "photo"
    }

    private static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 1 else { return name }
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "\(name) (\(number))" }
        return "\(name[..<dot]) (\(number))\(name[dot...])"
    }
}
