internal import Glibc

/// Lists folders of photos one at a time, and each only once, whatever links lead to it.
///
/// Hidden files, and folders that systems make (`@eaDir`, `$RECYCLE.BIN`, …), are left out; photos are told by their
/// names' endings or by their first bytes. What is left out is counted. A value; one thread's.
package struct PhotoFolders: Sendable {
    /// A name in a folder, as far as it can be written.
    package struct Name: Sendable, Comparable {
        package let text: String
        /// Whether it is the name itself, and not only like it.
        package let isUTF8: Bool

        package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    }

    /// What stands in a folder and is not left out.
    package struct Entry {
        /// What it is, by its name, its first bytes and the file system.
        package enum Kind { case photo, folder, notUTF8 }

        package let name: String
        /// The folder's path and the name.
        package let path: String
        /// The same from the folder on that the walk began with.
        package let relativePath: String
        package let kind: Kind
    }

    /// Why an entry of the kind `notUTF8` is of no use.
    package static let notUTF8 = "its name is not UTF-8; rename it"

    private struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    /// What was left out so far.
    package private(set) var passedOver = PassedOver()
    private let patterns: [String]
    private var visited: Set<Identity> = []

    /// Nothing listed so far.
    ///
    /// - Parameter patterns: what is left out: shell patterns (`*`, `?`, `[a-z]`) for names and for paths from the
    ///   walk's beginning on, in which `*` stands for `/`, too. One that ends with `/` is for folders.
    package init(excluding patterns: [String] = []) { self.patterns = patterns }

    /// What a folder holds, in no order; nil if it cannot be read, nothing where it was listed before.
    ///
    /// - Parameter relative: the folder's path from the walk's beginning on; empty there.
    package mutating func entries(of folder: String, at relative: String) -> [Entry]? {
        guard let names = names(in: folder) else { return nil }
        var entries: [Entry] = []
        for name in names {
            if let entry = entry(name, in: folder, at: relative) { entries.append(entry) }
        }
        return entries
    }

    /// The names of what a folder holds, hidden ones left out, in no order and without a look at what each is; nil
    /// if it cannot be read, none if it was listed before.
    ///
    /// A walk that takes them one by one with `entry(_:in:at:)` keeps no more than the names.
    package mutating func names(in folder: String) -> [Name]? {
        guard !folder.utf8.contains(0), let stream = unsafe opendir(folder) else { return nil }
        defer { unsafe closedir(stream) }
        var status = stat()
        guard unsafe fstat(dirfd(stream), &status) == 0 else { return nil }
        guard visited.insert(Identity(device: status.st_dev, inode: status.st_ino)).inserted else { return [] }
        var names: [Name] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                // A list that breaks off is no list.
                return errno == 0 ? names : nil
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
                unsafe Self.name($0.prefix { $0 != 0 })
            }
            if let name { names.append(name) }
        }
    }

    /// What a name in a folder stands for; nil for what is left out, which is counted.
    package mutating func entry(_ name: Name, in folder: String, at relative: String) -> Entry? {
        let text = name.text
        let path = folder.hasSuffix("/") ? folder + text : "\(folder)/\(text)"
        let relativePath = relative.isEmpty ? text : "\(relative)/\(text)"
        let mode = Self.mode(of: path)
        let isFolder = mode.map { $0 & S_IFMT == S_IFDIR } ?? false
        func entry(_ kind: Entry.Kind) -> Entry {
            Entry(name: text, path: path, relativePath: relativePath, kind: kind)
        }
        if isExcluded(text, relativePath, isFolder: isFolder) {
            passedOver.addExcluded()
            return nil
        }
        guard name.isUTF8 else { return entry(.notUTF8) }
        if isFolder {
            guard PhotoFiles.isSystemFolder(text) else { return entry(.folder) }
            passedOver.addSystemFolder(text)
            return nil
        }
        guard let kind = PhotoFiles.otherKind(text, path, mode: mode) else { return entry(.photo) }
        passedOver.addFile(kind)
        return nil
    }

    /// Whether a path leads to a folder, through links too.
    package static func isFolder(_ path: String) -> Bool {
        mode(of: path).map { $0 & S_IFMT == S_IFDIR } ?? false
    }

    private static func mode(of path: String) -> mode_t? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode : nil
    }

    /// Nil for a hidden name.
    private static func name(_ bytes: Slice<UnsafeRawBufferPointer>) -> Name? {
        if unsafe bytes.first == UInt8(ascii: ".") { return nil }
        if let text = unsafe String(validating: bytes, as: UTF8.self) { return Name(text: text, isUTF8: true) }
        return Name(text: unsafe String(decoding: bytes, as: UTF8.self), isUTF8: false)
    }

    private func isExcluded(_ name: String, _ path: String, isFolder: Bool) -> Bool {
        patterns.contains { pattern in
            let isForFolders = pattern.utf8.last == UInt8(ascii: "/")
            let plain = isForFolders ? String(pattern.dropLast()) : pattern
            guard isFolder || !isForFolders else { return false }
            return unsafe fnmatch(plain, name, 0) == 0 || fnmatch(plain, path, 0) == 0
        }
    }
}
