internal import FaceImage

/// Lists photos below a folder, sorted within each folder.
struct PhotoWalk {
    private(set) var problems: [TrainingPhotos.Problem] = []
    private var folders = PhotoFolders()

    /// Everybody who has a subfolder with photos.
    mutating func people(in folder: String) throws(TrainingError) -> [TrainingPhotos.Person] {
        guard let entries = enter(folder) else {
            throw .unreadableFolder(path: folder, reason: "it is not there, or its permissions forbid it")
        }
        var people: [TrainingPhotos.Person] = []
        for entry in entries where entry.kind == .folder {
            var photos: [String] = []
            add(folder: entry.path, to: &photos)
            if !photos.isEmpty { people.append(TrainingPhotos.Person(name: entry.name, photos: photos)) }
        }
        return people
    }

    /// What a folder holds, sorted, less what is named in no encoding; nil where it cannot be read.
    private mutating func enter(_ folder: String) -> [PhotoFolders.Entry]? {
        guard let entries = folders.entries(of: folder) else { return nil }
        for entry in entries where entry.kind == .notUTF8 {
            problems.append(.init(path: entry.path, reason: PhotoFolders.notUTF8))
        }
        return entries.filter { $0.kind != .notUTF8 }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private mutating func add(folder: String, to photos: inout [String]) {
        guard let entries = enter(folder) else {
            problems.append(
                .init(path: folder, reason: "the folder cannot be read; check its permissions"))
            return
        }
        for entry in entries {
            if entry.kind == .folder {
                add(folder: entry.path, to: &photos)
            } else {
                photos.append(entry.path)
            }
        }
    }
}
