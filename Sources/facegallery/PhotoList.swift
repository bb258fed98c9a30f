import FaceImage

/// A photo that is to be worked on.
struct PhotoItem: Sendable {
    let path: String
    /// Who it shows, by its folder or name, or by the manifest.
    let subject: String
    /// Whether the user typed this path, rather than a folder above it.
    let isNamed: Bool
    /// Why it cannot even be opened, where the walk has seen that.
    var problem: String?
    /// The manifest's line it stands on, from 1.
    var line: Int?
    /// What else the manifest says of it.
    var metadata: [String: String] = [:]
}

/// The photos that paths of files and folders stand for.
enum PhotoList {
    /// Lists the photos of files and folders, sorted within each folder, as `PhotoWalk` meets them.
    static func photos(
        at paths: [String], excluding patterns: [String] = []
    ) throws(CommandFailure) -> (items: [PhotoItem], passedOver: PassedOver) {
        var walk = try PhotoWalk(paths, excluding: patterns)
        var items: [PhotoItem] = []
        while let item = walk.next() { items.append(item) }
        return (items, walk.passedOver)
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
