import FoundationEssentials
import Glibc

/// A photo that is to be worked on.
struct PhotoItem: Sendable {
    let path: String
    /// Who it shows, by its folder or name.
    let subject: String
    /// Whether the user typed this path, rather than a folder above it.
    let isNamed: Bool
}

/// The photos that paths of files and folders stand for.
enum PhotoList {
    private static let extensions: Set<String> = [
        "jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "heif", "gif", "pgm", "ppm", "pnm", "avif",
    ]

    /// Lists the photos of files and folders, sorted within each folder.
    ///
    /// In a folder, `Ada/…` are photos of Ada however deep, and `Grace_0001.jpg` or `Grace.jpg` is one of Grace;
    /// files without a photo's extension and hidden ones are passed over. A file that is named itself is taken
    /// whatever its extension.
    static func photos(at paths: [String]) throws(CommandFailure) -> [PhotoItem] {
        var items: [PhotoItem] = []
        for path in paths {
            var isFolder = false
            if path != "-" {
                var status = stat()
                guard unsafe stat(path, &status) == 0 else {
                    // Reading it will name the file and say why.
                    items.append(PhotoItem(path: path, subject: subject(ofFile: path), isNamed: true))
                    continue
                }
                isFolder = status.st_mode & S_IFMT == S_IFDIR
            }
            if isFolder {
                let found = try photos(inFolder: path, subject: nil)
                guard !found.isEmpty else {
                    throw CommandFailure("\(path): the folder holds no photo", .noInput)
                }
                items += found
            } else {
                items.append(PhotoItem(path: path, subject: subject(ofFile: path), isNamed: true))
            }
        }
        return items
    }

    private static func photos(inFolder folder: String, subject: String?) throws(CommandFailure) -> [PhotoItem]
    {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw CommandFailure("\(folder): the folder cannot be read; check its permissions", .noInput)
        }
        var items: [PhotoItem] = []
        for name in names where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                items += try photos(inFolder: path, subject: subject ?? name)
            } else if extensions.contains(Self.extension(of: name)) {
                items.append(
                    PhotoItem(path: path, subject: subject ?? Self.subject(ofFile: name), isNamed: false))
            }
        }
        return items
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

    private static func `extension`(of name: String) -> String {
        name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    }
}
