internal import CSearchKernels
internal import FoundationEssentials
internal import Glibc

extension SavedDirectory {
    /// The manifest; nil if there is none.
    func manifest() throws(IndexError) -> Manifest? {
        let path = self.path + "/" + Manifest.fileName
        let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .cannotRead(file: path, problem: lastProblem())
        }
        defer { _ = close(file) }
        var bytes: [UInt8] = []
        var some = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(file, &some, some.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .cannotRead(file: path, problem: lastProblem()) }
            guard count > 0 else { break }
            bytes += some[..<count]
        }
        return try Manifest(bytes, path: path)
    }

    /// Compares a file with what the manifest says of it: size and head, or wholly every byte.
    func check(_ file: SavedFile, wholly: Bool) throws(IndexError) {
        let path = self.path + "/" + file.name
        guard let size = fileSize(path) else { throw .damaged(file: path, problem: "it is missing") }
        guard size == file.size, (0...size).contains(file.headBytes) else {
            throw .damaged(file: path, problem: "it has \(size) bytes, not \(file.size)")
        }
        let map = try MappedFile(path)
        // The file may have been replaced by a shorter one since its size was asked.
        guard map.count == size else { throw .damaged(file: path, problem: "it has changed while it was read") }
        let head = unsafe csk_crc32c(0, map.start, file.headBytes)
        guard head == file.headChecksum else {
            throw .damaged(file: path, problem: "the checksum of its head is wrong")
        }
        guard wholly else { return }
        guard unsafe csk_crc32c(0, map.start, map.count) == file.checksum else {
            throw .damaged(file: path, problem: "its checksum is wrong")
        }
    }

    /// The state that a manifest describes; throws `damaged` naming the file that is not as described.
    func state(of manifest: Manifest) throws(IndexError) -> Snapshot {
        for file in manifest.files { try check(file, wholly: false) }
        var state = Snapshot(tail: Tail(dimension: manifest.dimension))
        if let lists = manifest.lists, let ids = manifest.ids, let calibration = manifest.calibration {
            let files = BaseFiles(directory: path, lists: lists, ids: ids)
            let base = try Base(mapping: files, rows: manifest.listRows, calibration: calibration)
            guard base.lists.dimension == manifest.dimension else {
                throw .damaged(file: path + "/" + lists.name, problem: "it has another dimension")
            }
            state.base = base
        }
        if let file = manifest.removed, let base = state.base {
            state.baseRemoved = RemovedRows(words: try words(of: file), capacity: base.rowCount)
        }
        if let file = manifest.tail, manifest.tailRows > 0 {
            let map = try MappedFile(path + "/" + file.name)
            guard map.count == TailChunk.byteCount(rows: manifest.tailRows, dimension: manifest.dimension)
            else {
                throw .damaged(
                    file: path + "/" + file.name, problem: "it has not \(manifest.tailRows) rows")
            }
            let chunk = TailChunk(file: map, count: manifest.tailRows, dimension: manifest.dimension)
            state.tail = Tail(full: chunk, dimension: manifest.dimension)
        }
        guard state.count == manifest.count else {
            throw .damaged(file: path + "/" + Manifest.fileName, problem: "its files do not add up")
        }
        state.position = manifest.position
        return state
    }

    private func words(of file: SavedFile) throws(IndexError) -> [UInt64] {
        let map = try MappedFile(path + "/" + file.name)
        return (0..<map.count / MemoryLayout<UInt64>.size).map { index in
            unsafe map.start.loadUnaligned(fromByteOffset: index * MemoryLayout<UInt64>.size, as: UInt64.self)
        }
    }

    /// Compares every entry of the directory of ids with the lists.
    func checkDirectory(of state: Snapshot) throws(IndexError) {
        guard let base = state.base, let files = base.files else { return }
        let sorted = try base.lists.sortedIDs()
        var same = true
        var parts: [[UInt8]] = []
        unsafe sorted.ids.withUnsafeBytes { unsafe parts.append(Array($0)) }
        unsafe sorted.rows.withUnsafeBytes { unsafe parts.append(Array($0)) }
        var turn = 0
        try unsafe base.directory.withParts { part throws(IndexError) in
            same = unsafe same && part.elementsEqual(parts[turn])
            turn += 1
        }
        guard same else {
            throw .damaged(file: path + "/" + files.ids.name, problem: "it does not agree with the lists")
        }
    }
}
