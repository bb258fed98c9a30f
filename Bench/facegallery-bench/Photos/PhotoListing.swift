import FaceImage

/// The photos of a folder that has one folder per person, as `Person/photo.jpg`, sorted: those that `train` takes.
///
/// - Throws: `BenchFault` where the folder cannot be read, or holds no photo of anybody.
func listPhotos(_ folder: String) throws -> [String] {
    var folders = PhotoFolders()
    guard let people = folders.entries(of: folder, at: "") else {
        throw BenchFault("\(folder): cannot be read as a folder; give a folder that has one folder per person")
    }
    let photos = people.filter { $0.kind == .folder }.flatMap { person in
        (folders.entries(of: person.path, at: person.relativePath) ?? []).filter { $0.kind == .photo }
            .map(\.relativePath)
    }
    guard !photos.isEmpty else {
        throw BenchFault("\(folder): holds no photo of a person; give a folder that has one folder per person")
    }
    return photos.sorted()
}

/// The photos of a folder and of all folders in it, as paths from there on, sorted.
///
/// - Throws: `BenchFault` where the folder cannot be read, or holds none.
func listAllPhotos(_ folder: String) throws -> [String] {
    var folders = PhotoFolders()
    guard var open = folders.entries(of: folder, at: "") else {
        throw BenchFault("\(folder): cannot be read as a folder")
    }
    var photos: [String] = []
    while let entry = open.popLast() {
        switch entry.kind {
        case .photo: photos.append(entry.relativePath)
        case .folder: open += folders.entries(of: entry.path, at: entry.relativePath) ?? []
        case .notUTF8: continue
        }
    }
    guard !photos.isEmpty else { throw BenchFault("\(folder): holds no photo") }
    return photos.sorted()
}
