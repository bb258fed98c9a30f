import Glibc

/// Where photos are, whichever path leads to them: the absolute path of the folder without links, and the name in it.
///
/// The name itself may be a link: one that gets another target is a changed photo in an old place. Remembers the folder
/// of the last photo, so a run of photos in one folder costs one look-up. Used by one thread.
struct PhotoPlaces {
    private var folder: Substring?
    private var resolved: String?

    /// The place of the photo at a path; nil for standard input, and where there is no such folder.
    mutating func place(of path: String) -> String? {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
        guard path != "-", !path.utf8.contains(0), !["", ".", ".."].contains(name) else { return nil }
        let folder = slash.map { path[...$0] } ?? ""
        if self.folder.map({ $0.utf8.elementsEqual(folder.utf8) }) != true {
            (self.folder, resolved) = (folder, Self.resolved(folder.isEmpty ? "." : String(folder)))
        }
        return resolved.map { "\($0 == "/" ? "" : $0)/\(name)" }
    }

    private static func resolved(_ folder: String) -> String? {
        guard let path = unsafe realpath(folder, nil) else { return nil }
        defer { unsafe free(path) }
        if let text = unsafe String(validatingCString: path) { return text }
        // No two folders may become one: what is not ASCII is written in hexadecimal.
        var text = ""
        for byte in unsafe [UInt8](UnsafeRawBufferPointer(start: path, count: strlen(path))) {
            if byte == UInt8(ascii: "\\") || byte >= 0x80 {
                text += "\\x" + String(byte, radix: 16)
            } else {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return text
    }
}
