internal import CFaiss
internal import FoundationEssentials
internal import Glibc
internal import Synchronization

extension VectorIndex {
    /// Writes the index to `directory` so that a crash at any moment leaves the old or the new.
    ///
    /// The directory is made if it is missing. Every file is written aside, synced and renamed, the manifest
    /// last; then files of earlier saves, and leftovers of interrupted ones, are removed. Lists that lie in the
    /// directory already are not written again, so that a save after few additions is short. `fingerprint` is
    /// any text; only the same text opens the index again. Other processes may have the old files mapped, but
    /// only one at a time may save. Searches and changes go on meanwhile; what is saved is one state.
    /// O(count · dimension) after a rebuild, O(additions since) otherwise.
    public func save(to directory: String, fingerprint: String) throws(IndexError) {
        try maintenance.withLock { _ throws(IndexError) in
            let state = snapshot
            let written = try SavedDirectory(directory).write(state, fingerprint: fingerprint)
            guard let base = state.base, let files = written, base.files != files else { return }
            // From now on the lists are the file's pages, which the system may take back, not memory.
            let mapped = try Base(mapping: files, rows: base.rowCount, calibration: base.calibration)
            writing { current in
                if current.base === base { current.base = mapped }
            }
        }
    }
}

/// The directory of a saved index, for writing.
struct SavedDirectory {
    let path: String

    /// The kinds of file beside the manifest; a name is the kind, a hyphen, the generation and the ending.
    private static let kinds = ["base": ".faiss", "ids": ".u64", "removed": ".bits", "tail": ".vectors"]

    /// At opening, so much of a tail is checked; `verify` reads all.
    private static let checkedTail = 32 << 20

    init(_ path: String) { self.path = path }

    /// Writes a state and removes what does not belong to it; returns the files of its base.
    func write(_ state: Snapshot, fingerprint: String) throws(IndexError) -> BaseFiles? {
        try make()
        let generation = 1 + (names().compactMap(Self.generation(of:)).max() ?? 0)
        var manifest = Manifest(state, fingerprint: fingerprint)
        let files = try baseFiles(state, generation)
        manifest.lists = files?.lists
        manifest.ids = files?.ids
        if let removed = state.baseRemoved, removed.count > 0 {
            var file = try AsideFile(name("removed", generation), headLimit: .max)
            _ = unsafe removed.arrayOfWords().withUnsafeBytes { unsafe file.append($0) }
            manifest.removed = try file.commit()
        }
        if state.tail.liveCount > 0 { manifest.tail = try write(state.tail, generation) }
        // The manifest must not become durable before the names it relies on.
        try AsideFile.syncDirectory(path)
        var file = try AsideFile(path + "/" + Manifest.fileName, headLimit: 0)
        _ = unsafe try manifest.encoded().withUnsafeBytes { unsafe file.append($0) }
        _ = try file.commit()
        try AsideFile.syncDirectory(path)
        removeAll(but: Set(manifest.files.map(\.name)))
        return files
    }

    private func make() throws(IndexError) {
        guard unsafe mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw .cannotWrite(file: path, problem: lastProblem())
    }

    private func baseFiles(_ state: Snapshot, _ generation: Int) throws(IndexError) -> BaseFiles? {
        guard let base = state.base else { return nil }
        if let files = base.files, files.directory == path, isUnchanged(files.lists), isUnchanged(files.ids) {
            return files
        }
        let listBytes =
            base.rowCount * TailChunk.byteCount(rows: 1, dimension: state.dimension)
        let total = try base.lists.fileSize()
        var lists = try AsideFile(name("base", generation), headLimit: total - listBytes)
        try lists.write(base.lists)
        var ids = try AsideFile(name("ids", generation), headLimit: 1 << 16)
        try unsafe base.directory.withParts { part throws(IndexError) in _ = unsafe ids.append(part) }
        return BaseFiles(directory: path, lists: try lists.commit(), ids: try ids.commit())
    }

    /// Writes the live rows of a tail: their ids, then their floats.
    private func write(_ tail: Tail, _ generation: Int) throws(IndexError) -> SavedFile {
        var file = try AsideFile(name("tail", generation), headLimit: Self.checkedTail)
        for part in tail.parts {
            for run in tail.liveRuns(of: part) {
                let ids = unsafe UnsafeBufferPointer(start: part.chunk.ids + run.lowerBound, count: run.count)
                _ = unsafe file.append(UnsafeRawBufferPointer(ids))
            }
        }
        for part in tail.parts {
            for run in tail.liveRuns(of: part) {
                let rows = unsafe UnsafeBufferPointer(
                    start: part.chunk.rows + run.lowerBound * tail.dimension, count: run.count * tail.dimension)
                _ = unsafe file.append(UnsafeRawBufferPointer(rows))
            }
        }
        return try file.commit()
    }

    private func name(_ kind: String, _ generation: Int) -> String {
        "\(path)/\(kind)-\(generation)\(Self.kinds[kind] ?? "")"
    }

    /// The number in a name of this directory; nil for names that are none of ours.
    static func generation(of name: String) -> Int? {
        for (kind, ending) in kinds where name.hasPrefix(kind + "-") && name.hasSuffix(ending) {
            return Int(name.dropFirst(kind.count + 1).dropLast(ending.count))
        }
        return nil
    }

    /// Whether a file is still the one that was written: the directory may have been emptied and used since.
    private func isUnchanged(_ file: SavedFile) -> Bool { (try? check(file, wholly: false)) != nil }

    private func names() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    /// Removes earlier generations and leftovers.
    ///
    /// What cannot be removed now is removed by a later save.
    private func removeAll(but kept: Set<String>) {
        for name in names() where !kept.contains(name) {
            let isOurs = Self.generation(of: name) != nil || Self.isLeftover(name)
            if isOurs { _ = unsafe unlink(path + "/" + name) }
        }
    }

    private static func isLeftover(_ name: String) -> Bool {
        guard name.hasSuffix(AsideFile.suffix) else { return false }
        return name.hasPrefix(Manifest.fileName) || kinds.contains { name.hasPrefix($0.key + "-") }
    }
}

extension AsideFile {
    /// Appends the FAISS file of lists.
    mutating func write(_ lists: FaissLists) throws(IndexError) {
        do {
            try unsafe lists.write { unsafe append($0) }
        } catch {
            try check()
            throw error
        }
    }
}

/// The size of a file, or nil if there is none.
func fileSize(_ path: String) -> Int? {
    var facts = stat()
    return unsafe stat(path, &facts) == 0 ? Int(facts.st_size) : nil
}
