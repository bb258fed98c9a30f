internal import Glibc

/// Where a command may write: the one check of every output, before anything is written.
///
/// An output must not be in a gallery, a network's folder or a snapshot, must not be one of the command's inputs (by
/// device and inode, so also through links), and must not be another output.
package struct OutputPlaces {
    /// A file or folder that a command is to write.
    package struct Output: Sendable {
        /// What a command makes at a path.
        package enum Kind: Sendable {
            /// A file, in the place of one that is there.
            case file
            /// A file, or a stream that is there: a pipe, a terminal, a device.
            case fileOrStream
            /// A folder whose maker refuses what is there already.
            case newFolder
            /// A folder that may be there, and that files are added to.
            case folder
            /// A network's folder, which may be there.
            case network
        }

        /// How the user named it, as `--jsonl`.
        package let option: String
        package let path: String
        package let kind: Kind

        package init(_ option: String, _ path: String, _ kind: Kind = .file) {
            (self.option, self.path, self.kind) = (option, path, kind)
        }
    }

    /// The most files of an input folder that are compared.
    private static let mostFiles = 100_000

    private let inputs: [String]

    /// - Parameter inputs: files and folders that the command reads: a photo, a gallery, a network's folder; `-` is
    ///   standard input. Of folders, the files in them and one folder deeper count.
    package init(inputs: [String]) { self.inputs = inputs }

    /// Checks all outputs of a command; nothing is written, and nothing is opened but folders.
    ///
    /// - Throws: `.badOutput` with the option and the names of both; `.system`.
    package func check(_ outputs: [Output]) throws(FileError) {
        var places: [Place: Output] = [:]
        var files: [FileIdentity: Output] = [:]
        for output in outputs {
            if let place = try Place(output.path), let other = places.updateValue(output, forKey: place) {
                throw Self.same(output, other)
            }
            try requireNoPartOfOurs(output)
            guard let status = try FileStatus.of(output.path) else { continue }
            if status.kind == .regularFile || status.kind == .folder,
                let other = files.updateValue(output, forKey: status.identity)
            {
                throw Self.same(output, other)
            }
            try requireKind(output, status)
        }
        guard !files.isEmpty else { return }
        for input in inputs {
            for (identity, name) in try identities(of: input) {
                guard let output = files[identity] else { continue }
                throw .badOutput(
                    path: output.path,
                    reason: "\(output.option) would overwrite an input (\(name)); use another path")
            }
        }
    }

    private static func same(_ output: Output, _ other: Output) -> FileError {
        .badOutput(
            path: output.path,
            reason: "\(output.option) and \(other.option) are the same path; every output needs a different one"
        )
    }

    private func requireKind(_ output: Output, _ status: FileStatus) throws(FileError) {
        switch status.kind {
        case .regularFile, .folder: return
        case .namedPipe, .socket, .characterDevice: if output.kind == .fileOrStream { return }
        default: break
        }
        throw .badOutput(
            path: output.path, reason: "\(output.option) is \(status.kind.words); use the path of a file")
    }

    /// A place is a folder and a name in it, whether something has that name or not.
    private struct Place: Hashable {
        let folder: FileIdentity
        let name: [UInt8]

        init?(_ path: String) throws(FileError) {
            guard let (folder, name) = try? OpenFolder.holding(path) else { return nil }
            (self.folder, self.name) = (try folder.status().identity, Array(name.utf8))
        }
    }

    /// Files that an input consists of, with their names.
    private func identities(of input: String) throws(FileError) -> [(FileIdentity, String)] {
        if input == "-" {
            let status = try FileStatus.of(descriptor: STDIN_FILENO, path: "standard input")
            return status.kind == .regularFile ? [(status.identity, "standard input")] : []
        }
        guard let status = try? FileStatus.of(input) else { return [] }
        var found = [(status.identity, input)]
        if status.kind == .folder, let folder = try? OpenFolder(input) {
            Self.add(folder, depth: 0, to: &found)
        }
        return found
    }

    private static func add(_ folder: OpenFolder, depth: Int, to found: inout [(FileIdentity, String)]) {
        for name in (try? folder.names()) ?? [] where found.count < mostFiles {
            guard let status = try? folder.status(of: name), let path = try? folder.path(of: name) else {
                continue
            }
            found.append((status.identity, path))
            if status.kind == .symbolicLink, let target = try? FileStatus.of(path) {
                found.append((target.identity, path))
            }
            if status.kind == .folder, depth < 2, let inner = try? OpenFolder(name, in: folder) {
                add(inner, depth: depth + 1, to: &found)
            }
        }
    }

    /// Refuses an output whose folder, or any above it, is a gallery, a network's or a snapshot.
    private func requireNoPartOfOurs(_ output: Output) throws(FileError) {
        if output.kind != .newFolder, let own = try? OpenFolder(output.path), let kind = Self.purpose(of: own),
            !(output.kind == .network && kind == .network)
        {
            throw Self.inside(output, own.path, kind, "is")
        }
        // Where the folder is not there, the nearest above it that is.
        var path = output.path
        var folder: OpenFolder?
        while folder == nil {
            while path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
            guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
                folder = try OpenFolder(".")
                break
            }
            path = String(path[..<slash])
            do throws(FileError) { folder = try OpenFolder(path.isEmpty ? "/" : path) } catch .missing {
                continue
            } catch .wrongKind { return }
        }
        // By the system's own `..`, which leads through links to where the folder is.
        var seen: Set<FileIdentity> = []
        while let current = folder, try seen.insert(current.status().identity).inserted {
            if let kind = Self.purpose(of: current) {
                throw Self.inside(output, try Self.name(of: current), kind, "is inside")
            }
            let above = unsafe openat(current.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard above >= 0 else { return }
            folder = OpenFolder(adopting: above, path: current.path + "/..")
        }
    }

    private static func inside(
        _ output: Output, _ folder: String, _ kind: Purpose, _ relation: String
    ) -> FileError {
        .badOutput(
            path: output.path,
            reason:
                "\(output.option) \(relation) the \(kind.rawValue) \(folder), which may contain nothing else; "
                + "use a path outside of it")
    }

    /// The path that the system has for an open folder.
    private static func name(of folder: OpenFolder) throws(FileError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/fd/\(folder.descriptor)", &buffer, buffer.count)
        guard count > 0 else { return folder.path }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private enum Purpose: String {
        case gallery, network, snapshot
    }

    /// What a folder is by the names in it; damaged ones count too.
    private static func purpose(of folder: OpenFolder) -> Purpose? {
        func has(_ name: String) -> Bool { ((try? folder.status(of: name)) ?? nil) != nil }
        if has("data.mdb") { return .gallery }
        if has("snapshot.json"), has("store") { return .snapshot }
        guard has("card.json"), let names = try? folder.names(),
            names.contains(where: { $0.hasSuffix(".safetensors") })
        else { return nil }
        return .network
    }
}
