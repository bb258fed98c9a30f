internal import Glibc

/// Tells photos from other files of a folder: by the endings of names, and where these say nothing by first bytes.
enum PhotoFiles {
    /// Endings of photos: such a file is taken without a look, so that one that is damaged is refused with a reason.
    private static let photos: Set<String> = [
        "jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "heic", "heif", "hif", "avif", "gif", "pbm",
        "pgm",
        "ppm", "pnm", "bmp", "dib", "jp2", "j2k", "jxl",
    ]
    /// Endings of files that begin as a photo does and are none to be taken.
    ///
    /// Raw files begin as TIFF and give a small preview; the others are thumbnails of films, copies that programs keep
    /// of files they change, and downloads that are not complete.
    private static let others: Set<String> = [
        "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "iiq", "kdc", "mef", "mos", "mrw", "nef", "nrw",
        "orf",
        "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f", "thm", "bak", "old", "orig", "part",
        "partial",
        "tmp", "temp", "crdownload", "download",
    ]
    /// Folders that file systems, network storage and archives make beside photos, in lower case.
    private static let systemFolders: Set<String> = [
        "@eadir", "@recently-snapshot", "@recycle", "@sharebin", "@sharesnap", "@snapshot", "@tmp", "#recycle",
        "#snapshot", "$recycle.bin", "recycler", "recycled", "system volume information", "found.000",
        "lost+found",
        "__macosx", "network trash folder", "temporary items", "thevolumesettingsfolder",
    ]

    static func isSystemFolder(_ name: String) -> Bool { systemFolders.contains(name.lowercased()) }

    /// What kind of file other than a photo this is, in words for a count; nil for a photo.
    ///
    /// A file whose ending says nothing is opened, which takes a few microseconds.
    static func otherKind(_ name: String, _ path: String, mode: mode_t?) -> String? {
        let ending = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() }
        if let ending, photos.contains(ending) { return nil }
        guard let mode else { return "links to nothing" }
        guard mode & S_IFMT == S_IFREG else { return "pipes or devices" }
        let isCopy = name.hasSuffix("~") || name.lowercased().hasSuffix("_original")
        if !isCopy, !others.contains(ending ?? "") {
            guard let head = firstBytes(of: path) else { return "that cannot be opened" }
            // The two first letters of a PNM file begin texts, too.
            if let format = PhotoFormat.of(firstBytes: head), format != .pnm { return nil }
        }
        return kind(ofEnding: ending)
    }

    private static func kind(ofEnding ending: String?) -> String {
        guard let ending else { return "without an ending" }
        // What is longer or stranger is part of a name, and names are not told.
        let isPlain =
            !ending.isEmpty && ending.utf8.count <= 10
            && ending.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
            }
        return isPlain ? ".\(ending)" : "of other kinds"
    }

    private static func firstBytes(of path: String) -> [UInt8]? {
        // Not blocking: should a pipe stand there by now, nobody may write to it.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: PhotoFormat.headLength) { buffer, count in
            let got = unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
            failed = got < 0
            count = max(got, 0)
        }
        return failed ? nil : bytes
    }
}
