internal import CSearchKernels
internal import Files
internal import FoundationEssentials

extension SavedDirectory {
    /// The manifest; nil if there is none.
    func manifest() throws(IndexError) -> IndexManifest? {
        let bytes: [UInt8]
        do throws(FileError) {
            let folder = try OpenFolder(path, followingLinks: false)
            bytes = try InputFile(IndexManifest.fileName, in: folder).readAll(limit: IndexManifest.mostBytes)
        } catch {
            if case .missing = error { return nil }
            throw IndexError(reading: error)
        }
        return try IndexManifest(bytes, path: path + "/" + IndexManifest.fileName)
    }

    /// The directory itself, which no symbolic link stands in for.
    func opened() throws(IndexError) -> OpenFolder {
        try reading { () throws(FileError) in try OpenFolder(path, followingLinks: false) }
    }

    /// Compares a file with what the manifest says of it: size and head, or wholly every byte.
    func check(_ file: SavedFile, wholly: Bool) throws(IndexError) {
        let path = self.path + "/" + file.name
        let map = try MappedFile(file.name, in: opened())
        guard map.count == file.size, (0...map.count).contains(file.headBytes) else {
            throw .damaged(file: path, problem: "it has \(map.count) bytes, not \(file.size)")
        }
        let head = unsafe csk_crc32c(0, map.start, file.headBytes)
        guard head == file.headChecksum else {
            throw .damaged(file: path, problem: "the checksum of its head is wrong")
        }
        guard wholly else { return }
        guard unsafe csk_crc32c(0, map.start, map.count) == file.checksum else {
            throw .damaged(file: path, problem: "its checksum is wrong")
        }
    }

    /// The quantizer and the segments of a manifest, mapped.
    func parts(of manifest: IndexManifest) throws(IndexError) -> (quantizer: Quantizer?, segments: [Segment]) {
        guard let file = manifest.quantizer else {
            guard manifest.segments.isEmpty else {
                throw .damaged(
                    file: path + "/" + IndexManifest.fileName, problem: "it has lists but no quantizer")
            }
            return (nil, [])
        }
        let region = Region(try MappedFile(file.name, in: opened()))
        guard let quantizer = Quantizer(region, file: file), quantizer.dimension == manifest.dimension else {
            throw .damaged(file: path + "/" + file.name, problem: "its parts do not fit together")
        }
        var segments: [Segment] = []
        for saved in manifest.segments {
            let region = Region(try MappedFile(saved.rows.name, in: opened()))
            guard let segment = Segment(region, quantizer: quantizer, file: saved.rows) else {
                throw .damaged(file: path + "/" + saved.rows.name, problem: "its parts do not fit together")
            }
            segments.append(segment)
        }
        return (quantizer, segments)
    }

    /// The state that a manifest describes; throws `damaged` naming the file that is not as described.
    func state(of manifest: IndexManifest) throws(IndexError) -> IndexState {
        for file in manifest.files { try check(file, wholly: false) }
        var state = IndexState(dimension: manifest.dimension)
        let parts = try parts(of: manifest)
        state.quantizer = parts.quantizer
        state.calibration = manifest.calibration
        state.hasLostRows = manifest.hasLostRows ?? true
        for (segment, saved) in zip(parts.segments, manifest.segments) {
            var removed: RemovedRows?
            try checkIDs(of: segment, saved.rows, position: manifest.position)
            if let file = saved.removed {
                removed = RemovedRows(
                    words: try words(of: file, rows: segment.rowCount), capacity: segment.rowCount)
            }
            state.segments.append(SegmentPart(segment: segment, removed: removed))
        }
        if let file = manifest.loose {
            try readLoose(file, rows: manifest.looseRows, position: manifest.position, into: &state.loose)
        }
        guard state.count == manifest.count else {
            throw .damaged(file: path + "/" + IndexManifest.fileName, problem: "its files do not add up")
        }
        state.position = manifest.position
        return state
    }

    /// Compares the first and the last id of a segment with what is possible; reading all would take as long as the
    /// file is large.
    private func checkIDs(of segment: Segment, _ file: SavedFile, position: IndexPosition) throws(IndexError) {
        guard segment.rowCount > 0 else { return }
        guard let ends = segment.idsAtTheEnds, ends.greatest <= position.highestID,
            ends.greatest - ends.least >= Int64(segment.rowCount - 1)
        else {
            throw .damaged(
                file: path + "/" + file.name,
                problem: "its ids are not \(segment.rowCount) of 0 to \(position.highestID)")
        }
    }

    private func readLoose(
        _ file: SavedFile, rows: Int, position: IndexPosition, into loose: inout LooseRows
    ) throws(IndexError) {
        let path = path + "/" + file.name
        let map = try MappedFile(file.name, in: opened())
        let rowBytes = MemoryLayout<Int64>.size + loose.dimension * MemoryLayout<Float>.size
        guard rows >= 0, map.count.isMultiple(of: rowBytes), rows == map.count / rowBytes else {
            throw .damaged(file: path, problem: "it does not have \(rows) rows")
        }
        let ids = unsafe UnsafeBufferPointer(start: map.start.assumingMemoryBound(to: Int64.self), count: rows)
        let vectors = unsafe UnsafeBufferPointer(
            start: (map.start + rows * MemoryLayout<Int64>.size).assumingMemoryBound(to: Float.self),
            count: rows * loose.dimension)
        let sorted = unsafe ids.sorted()
        guard let first = sorted.first, let last = sorted.last, first >= 0, last <= position.highestID,
            sorted.indices.dropFirst().allSatisfy({ sorted[$0] != sorted[$0 - 1] })
        else {
            throw .damaged(file: path, problem: "its ids are not \(rows) of 0 to \(position.highestID)")
        }
        do throws(IndexError) { try unsafe VectorIndex.checkRows(vectors, dimension: loose.dimension) } catch {
            throw .damaged(file: path, problem: error.description)
        }
        try unsafe loose.append(ids: ids, vectors: vectors)
    }

    private func words(of file: SavedFile, rows: Int) throws(IndexError) -> [UInt64] {
        let map = try MappedFile(file.name, in: opened())
        let count = RemovedRows.wordCount(rows: rows)
        guard map.count == count * MemoryLayout<UInt64>.size else {
            throw .damaged(file: path + "/" + file.name, problem: "it does not have the bits of \(rows) rows")
        }
        return (0..<count).map { index in
            unsafe map.start.loadUnaligned(fromByteOffset: index * MemoryLayout<UInt64>.size, as: UInt64.self)
        }
    }
}
