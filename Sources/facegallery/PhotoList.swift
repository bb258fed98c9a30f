import FaceImage

/// A photo that is to be worked on.
struct PhotoItem: Sendable {
    let path: String
    /// Who it shows, by its folder or name.
    let subject: String
    /// Whether the user typed this path, rather than a folder above it.
    let isNamed: Bool
    /// Why it cannot even be opened, where the walk has seen that.
    var problem: String?
}

/// The photos that paths of files and folders stand for.
struct PhotoList {
    private var items: [PhotoItem] = []
    private var folders = PhotoFolders()

    /// Lists the photos of files and folders, sorted within each folder.
    ///
    /// In a folder, `Ada/…` are photos of Ada however deep, and `Grace_0001.jpg` or `Grace.jpg` is one of Grace;
    /// files without a photo's extension and hidden ones are passed over, and a folder is entered once, whatever
    /// links lead to it. A file that is named itself is taken whatever its extension.
    static func photos(at paths: [String]) throws(CommandFailure) -> [PhotoItem] {
        guard paths.count(where: { $0 == "-" }) <= 1 else {
            throw CommandFailure("standard input, -, can be read once only", .usage)
        }
        var list = PhotoList()
        for path in paths {
            guard path != "-", PhotoFolders.isFolder(path) else {
                // A path that is not there fails when it is read, by name and with the reason.
                list.items.append(PhotoItem(path: path, subject: subject(ofFile: path), isNamed: true))
                continue
            }
            let before = list.items.count
            guard list.add(folder: path, subject: nil) else {
                throw CommandFailure("\(path): the folder cannot be read; check its permissions", .noInput)
            }
            guard list.items.count > before else {
                throw CommandFailure("\(path): the folder holds no photo", .noInput)
            }
        }
        return list.items
    }

    /// Adds what a folder holds; false where it cannot be read.
    private mutating func add(folder: String, subject: String?) -> Bool {
        guard let entries = folders.entries(of: folder) else { return false }
        for entry in entries.sorted(by: { $0.name < $1.name }) {
            var item = PhotoItem(
                path: entry.path, subject: subject ?? Self.subject(ofFile: entry.name), isNamed: false)
            switch entry.kind {
            case .photo: break
            case .notUTF8: item.problem = PhotoFolders.notUTF8
            case .folder:
                if add(folder: entry.path, subject: subject ?? entry.name) { continue }
                item.problem = "the folder cannot be read; check its permissions"
            }
            items.append(item)
        }
        return true
    }

    /// `Ada_Lovelace_0001.jpg` and `Ada_Lovelace.jpg` both show `Ada_Lovelace`.
    static func subject(ofFile path: String) -> String {
        let name = path.split(separator: "/").last ?? Substring(path)
        var stem = name.lastIndex(of: ".").map { $0 > name.startIndex ? name[..<$0] : name } ?? name
        let withoutDigits = stem.reversed().drop { $0.isASCII && $0.isNumber }.reversed()
        if let separator = withoutDigits.last, withoutDigits.count < stem.count, "_- ".contains(separator) {
            let person = String(withoutDigits.dropLast())
            if !person.isEmpty { stem = person[...] }
        }
        return String(stem)
    }
}
