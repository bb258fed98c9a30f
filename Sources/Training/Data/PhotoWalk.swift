internal import FoundationEssentials
internal import Glibc

/// Lists photos below a folder, sorted within each folder.
struct PhotoWalk {
    private static let extensions: Set<String> = [
        "jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "heif", "gif", "pgm", "ppm", "pnm", "avif",
    ]

    private struct FolderIdentity: Hashable {
        let device: UInt
        let inode: UInt
    }

    private(set) var problems: [TrainingPhotos.Problem] = []
    private var visited: Set<FolderIdentity> = []

    /// Everybody who has a subfolder with photos.
    mutating func people(in folder: String) throws(TrainingError) -> [TrainingPhotos.Person] {
        guard let names = enter(folder) else {
            throw .unreadableFolder(path: folder, reason: "it is not there, or its permissions forbid it")
        }
        var people: [TrainingPhotos.Person] = []
        for name in names where Self.isFolder(Self.path(folder, name)) {
            var photos: [String] = []
            add(folder: Self.path(folder, name), to: &photos)
            if !photos.isEmpty { people.append(TrainingPhotos.Person(name: name, photos: photos)) }
        }
        return people
    }

    /// The names in a folder, sorted; nil where it cannot be read, none where it has been read before.
    private mutating func enter(_ folder: String) -> [String]? {
        var status = stat()
        guard unsafe stat(folder, &status) == 0,
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else { return nil }
        guard visited.insert(FolderIdentity(device: status.st_dev, inode: status.st_ino)).inserted else {
            return []
        }
        return names.filter { name in
            if name.hasPrefix(".") { return false }
            if !name.unicodeScalars.contains("\u{FFFD}") { return true }
            problems.append(.init(path: Self.path(folder, name), reason: "its name is not UTF-8; rename it"))
            return false
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private mutating func add(folder: String, to photos: inout [String]) {
        guard let names = enter(folder) else {
            problems.append(
                .init(path: folder, reason: "the folder cannot be read; check its permissions"))
            return
        }
        for name in names {
            let path = Self.path(folder, name)
            if Self.isFolder(path) {
                add(folder: path, to: &photos)
            } else if Self.extensions.contains(Self.extension(of: name)) {
                photos.append(path)
            }
        }
    }

    private static func path(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func `extension`(of name: String) -> String {
        name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    }
}
