internal import FaceImage

/// Lists photos below a folder, sorted within each folder.
struct PhotoWalk {
    private(set) var problems: [TrainingPhotos.Problem] = []
    private var folders: PhotoFolders

    /// What was left out of folders so far.
    var passedOver: PassedOver { folders.passedOver }

    /// - Parameter patterns: shell patterns for what is left out of folders.
    init(excluding patterns: [String]) { folders = PhotoFolders(excluding: patterns) }

    /// Everybody who has a subfolder with photos.
    mutating func people(in folder: String) throws(TrainingError) -> [TrainingPhotos.Person] {
        guard let entries = enter(folder, at: "") else {
            throw .unreadableFolder(path: folder, reason: "it does not exist, or its permissions forbid it")
        }
        var people: [TrainingPhotos.Person] = []
        for entry in entries where entry.kind == .folder {
            var photos: [String] = []
            add(folder: entry, to: &photos)
            if !photos.isEmpty { people.append(TrainingPhotos.Person(name: entry.name, photos: photos)) }
        }
        return people
    }

    /// What a folder holds, sorted, less what is named in no encoding; nil if it cannot be read.
    private mutating func enter(_ folder: String, at relative: String) -> [PhotoFolders.Entry]? {
        guard let entries = folders.entries(of: folder, at: relative) else { return nil }
        for entry in entries where entry.kind == .notUTF8 {
            problems.append(.init(path: entry.path, reason: PhotoFolders.notUTF8))
        }
        return entries.filter { $0.kind != .notUTF8 }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private mutating func add(folder: PhotoFolders.Entry, to photos: inout [String]) {
        guard let entries = enter(folder.path, at: folder.relativePath) else {
            problems.append(
                .init(path: folder.path, reason: "the folder cannot be read; check its permissions"))
            return
        }
        for entry in entries {
            if entry.kind == .folder {
                add(folder: entry, to: &photos)
            } else {
                photos.append(entry.path)
            }
        }
    }
}
