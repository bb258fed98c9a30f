internal import FoundationEssentials
internal import Glibc

/// Lists folders of photos one at a time, and each only once, whatever links lead to it.
package struct PhotoFolders {
    /// What stands in a folder, hidden files and files of other kinds left out.
    package struct Entry {
        /// What it is, by its name and the file system.
        package enum Kind { case photo, folder, notUTF8 }

        package let name: String
        /// The folder's path and the name.
        package let path: String
        package let kind: Kind
    }

    /// Why an entry of the kind `notUTF8` is of no use.
    package static let notUTF8 = "its name is not UTF-8; rename it"

    private static let extensions: Set<String> = [
        "jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "heif", "gif", "pgm", "ppm", "pnm", "avif",
    ]

    private struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    private var visited: Set<Identity> = []

    /// Nothing listed so far.
    package init() {}

    /// What a folder holds, in no order; nil where it cannot be read, nothing where it was listed before.
    package mutating func entries(of folder: String) -> [Entry]? {
        names(in: folder)?.compactMap { Self.entry($0, in: folder) }
    }

    /// The names of what a folder holds, in no order and without a look at what each is; nil where it cannot be
    /// read, none where it was listed before.
    ///
    /// A walk that takes them one by one with `entry(_:in:)` keeps no more than the names.
    package mutating func names(in folder: String) -> [String]? {
        var status = stat()
        guard unsafe stat(folder, &status) == 0,
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else { return nil }
        guard visited.insert(Identity(device: status.st_dev, inode: status.st_ino)).inserted else { return [] }
        return names
    }

    /// What a name in a folder stands for; nil for hidden files and files of other kinds.
    package static func entry(_ name: String, in folder: String) -> Entry? {
        if name.hasPrefix(".") { return nil }
        let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
        return kind(name, path).map { Entry(name: name, path: path, kind: $0) }
    }

    /// Whether a path leads to a folder, through links too.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func kind(_ name: String, _ path: String) -> Entry.Kind? {
        if name.unicodeScalars.contains("\u{FFFD}") { return .notUTF8 }
        if isFolder(path) { return .folder }
        let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
        return extensions.contains(ending) ? .photo : nil
    }
}
