internal import Glibc

/// Where the photos of an enrolment are.
public enum PhotoOrigin: Sendable {
    /// Files, folders of photos, or `-` for one photo on standard input.
    ///
    /// The innermost folder around a photo, below the folder given, names its person; without one, its file does
    /// (`Ada.jpg`, `Ada_0001.jpg`). Names of cameras, dates and programs (`IMG_2034.jpg`, `2023/`) name nobody. Files
    /// and folders whose name or path fits one of the shell patterns are left out.
    case paths([String], excluding: [String] = [])
    /// A list, `.csv` or `.jsonl`, with the columns path and subject, and any others, which are kept with the reference;
    /// `-` is CSV on standard input. Paths in it start from its folder.
    case manifest(String)
    /// Photos that were chosen one by one, as those of a cluster.
    case items([PhotoItem])

    /// Whether the photos cannot be had a second time, as the rows of a pipe cannot.
    package var comesOnce: Bool {
        switch self {
        case .paths, .items: false
        case .manifest(let path): !Self.isRegularFile(path)
        }
    }

    /// Folders that the photos are in.
    var folders: [String] {
        switch self {
        case .paths(let paths, _): paths.filter(PhotoWalk.isFolder)
        case .manifest(let path): [Self.folder(of: path)]
        case .items: []
        }
    }

    /// The folder that the paths in a manifest start from, empty for the working directory.
    static func folder(of manifest: String) -> String {
        guard manifest != "-", let slash = manifest.lastIndex(of: "/") else { return "" }
        return String(manifest[...slash])
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        guard path != "-", unsafe stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFREG
    }
}
