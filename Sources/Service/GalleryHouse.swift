import Files
import Gallery
import GalleryModel
import Glibc
import Synchronization

/// The galleries of a service, by name; those of a folder are opened when they are first asked for.
///
/// Safe from any thread.
final class GalleryHouse: Sendable {
    private let settings: ServiceSettings
    private let open = Mutex<[String: ServedGallery]>([:])

    /// - Throws: where the one gallery cannot be opened.
    init(_ settings: ServiceSettings) throws(GalleryError) {
        self.settings = settings
        guard case .gallery(let path) = settings.place else { return }
        let name = Self.name(ofFolder: path)
        let served = try ServedGallery(name, at: path, settings)
        open.withLock { $0[name] = served }
    }

    /// The one gallery of a service that serves one.
    var only: ServedGallery? {
        guard case .gallery = settings.place else { return nil }
        return open.withLock { $0.values.first }
    }

    /// The names of all galleries, sorted.
    var names: [String] {
        switch settings.place {
        case .gallery: open.withLock { $0.keys.sorted() }
        case .folder(let root): Self.folders(in: root).filter { Self.isGallery("\(root)/\($0)") }.sorted()
        }
    }

    /// The gallery of a name.
    ///
    /// - Throws: `Problem` 404; what opening it throws.
    func gallery(named name: String) throws -> ServedGallery {
        try open.withLock { open in
            if let served = open[name] { return served }
            // Of a folder only its own entries are opened, whatever a name looks like.
            guard case .folder(let root) = settings.place, Self.folders(in: root).contains(name),
                Self.isGallery("\(root)/\(name)")
            else { throw Problem(404, "unknown_gallery", "there is no gallery '\(name)'", field: "gallery") }
            let served = try ServedGallery(name, at: "\(root)/\(name)", settings)
            open[name] = served
            return served
        }
    }

    /// Those that are open.
    var opened: [ServedGallery] { open.withLock { Array($0.values) } }

    /// The last part of a path without links, dots and slashes at its end.
    private static func name(ofFolder path: String) -> String {
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        let text = unsafe String(cString: resolved)
        return text.split(separator: "/").last.map(String.init) ?? "gallery"
    }

    private static func folders(in root: String) -> [String] {
        guard let stream = unsafe opendir(root) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(validatingCString: $0)
                }
            }
            if let name, !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func isGallery(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && stat("\(path)/data.mdb", &status) == 0
    }
}
