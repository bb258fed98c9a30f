internal import Glibc

/// Where a folder is or would be, whichever path leads to it.
package struct FolderPlace {
    /// Absolute, without links; as it was given where nothing of it is there.
    private let absolute: String

    package init(_ path: String) {
        var (there, missing) = (path.isEmpty ? "." : path, "")
        while true {
            if let resolved = unsafe realpath(there, nil) {
                defer { unsafe free(resolved) }
                absolute = unsafe String(cString: resolved) + missing
                return
            }
            while there.utf8.count > 1, there.utf8.last == UInt8(ascii: "/") { there.removeLast() }
            guard let slash = there.utf8.lastIndex(of: UInt8(ascii: "/")) else {
                missing = "/" + there + missing
                there = there == "." ? "/" : "."
                continue
            }
            missing = String(there[slash...]) + missing
            there = slash == there.startIndex ? "/" : String(there[..<slash])
        }
    }

    /// The first of some paths that leads to this folder or to one around it; nil if none does.
    package func parent(among paths: [String]) -> String? {
        paths.first { path in
            guard let status = try? FileStatus.of(path), status.kind == .folder else { return false }
            let other = FolderPlace(path).absolute
            return absolute == other || absolute.hasPrefix(other.hasSuffix("/") ? other : other + "/")
        }
    }
}
