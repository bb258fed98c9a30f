internal import Files
internal import FoundationEssentials
internal import Synchronization

extension VectorIndex {
    /// Writes the index to `directory` so that a crash at any moment leaves the old or the new.
    ///
    /// The directory is made if it is missing. Every file is written aside, synced and renamed, the manifest
    /// last; then files of earlier saves, and leftovers of interrupted ones, are removed. Parts that are in the
    /// directory already are not written again, so that a save after few additions is short. `fingerprint` is
    /// any text; only the same text opens the index again. Other processes may have the old files mapped; of several
    /// that save, one after the other does. Searches and changes go on meanwhile; what is saved is one state.
    /// O(count · dimension) after a rebuild, O(additions since) otherwise.
    ///
    /// - Parameters:
    ///   - patience: seconds to wait for another process that saves.
    ///   - isKept: whether the index that is in the directory already, nil if there is none, is to stay.
    ///   - vouch: called when all files but the manifest are durable; if it throws, the old index stays.
    /// - Returns: how far the index that is now in the directory had followed its store.
    /// - Throws: `cannotWrite`, `cannotRead`, what `vouch` throws.
    @discardableResult
    public func save(
        to directory: String, fingerprint: String, patience: Double = 60,
        unless isKept: (SavedIndexFacts?) -> Bool = { _ in false }, vouch: () throws(IndexError) -> Void = {}
    ) throws(IndexError) -> IndexPosition {
        // Rebuilds take long: they are waited for before other processes are made to wait.
        try maintenance.withLock { _ throws(IndexError) in
            let saved = SavedDirectory(directory)
            return try saved.alone(patience: patience) { () throws(IndexError) in
                // One that is damaged makes place.
                let present = (try? saved.manifest()).map(SavedIndexFacts.init)
                if isKept(present), let present { return present.position }
                let state = state
                let manifest = try saved.write(state, fingerprint: fingerprint, vouch: vouch)
                // From now on the parts are the files' pages, which the system may take back, not memory. Where they
                // cannot be mapped the save has succeeded nevertheless, and the parts stay in memory.
                if let mapped = try? saved.parts(of: manifest), let quantizer = mapped.quantizer {
                    update { current in
                        current.adopt(mapped.segments, quantizer, for: state)
                    }
                }
                return state.position
            }
        }
    }
}

/// What the manifest of a saved index says of it.
public struct SavedIndexFacts: Sendable, Equatable {
    /// What it was saved for.
    public let fingerprint: String
    /// How far it had followed its store.
    public let position: IndexPosition
    /// Whether it has lists.
    public let hasLists: Bool

    init(_ manifest: IndexManifest) {
        fingerprint = manifest.fingerprint
        position = manifest.position
        hasLists = manifest.quantizer != nil
    }
}

extension IndexState {
    /// Takes saved parts in the place of those that were saved from `old`.
    fileprivate mutating func adopt(_ saved: [Segment], _ quantizer: Quantizer, for old: IndexState) {
        guard self.quantizer === old.quantizer else { return }
        self.quantizer = quantizer
        for (number, part) in segments.enumerated() {
            guard let place = old.segments.firstIndex(where: { $0.segment === part.segment }) else { continue }
            segments[number] = SegmentPart(segment: saved[place], removed: part.removed)
        }
    }
}

/// The directory of a saved index, for writing.
struct SavedDirectory {
    let path: String

    /// The kinds of file beside the manifest; a name is the kind, a hyphen, the generation and the ending.
    private static let kinds = [
        "quantizer": ".tables", "segment": ".rows", "removed": ".bits", "loose": ".vectors",
    ]

    init(_ path: String) { self.path = path }

    /// Writes a state and removes what does not belong to it.
    func write(
        _ state: IndexState, fingerprint: String, vouch: () throws(IndexError) -> Void = {}
    ) throws(IndexError) -> IndexManifest {
        let folder = try make()
        var generation = names(folder).compactMap(Self.generation(of:)).max() ?? 0
        func next(_ kind: String) -> String {
            generation += 1
            return "\(kind)-\(generation)\(Self.kinds[kind] ?? "")"
        }
        var manifest = IndexManifest(state, fingerprint: fingerprint)
        if let quantizer = state.quantizer {
            manifest.quantizer = try written(quantizer.file, quantizer.region, in: folder, headLimit: .max) {
                next("quantizer")
            }
        }
        for part in state.segments {
            let rows = try written(
                part.segment.file, part.segment.region, in: folder,
                headLimit: Segment.headSize(part.segment.region)
            ) { next("segment") }
            var removed: SavedFile?
            if let bits = part.removed, bits.count > 0 {
                var file = try AsideFile(next("removed"), in: folder, headLimit: .max)
                _ = unsafe bits.arrayOfWords().withUnsafeBytes { unsafe file.append($0) }
                removed = try file.commit()
            }
            manifest.segments.append(.init(rows: rows, removed: removed))
        }
        if state.loose.liveCount > 0 { manifest.loose = try write(state.loose, next("loose"), in: folder) }
        // The manifest must not become durable before the names it relies on.
        try writing { () throws(FileError) in try folder.synchronise() }
        try vouch()
        try writing { () throws(FileError) in
            // Nothing of ours, and no index can be saved while it is there.
            if try folder.status(of: IndexManifest.fileName)?.kind == .folder {
                try folder.removeTree(IndexManifest.fileName)
            }
        }
        var file = try AsideFile(IndexManifest.fileName, in: folder, headLimit: 0)
        _ = unsafe try manifest.encoded().withUnsafeBytes { unsafe file.append($0) }
        _ = try file.commit()
        try writing { () throws(FileError) in try folder.synchronise() }
        removeAll(but: Set(manifest.files.map(\.name)), in: folder)
        return manifest
    }

    /// Opens the directory, made where it is missing.
    @discardableResult
    func make() throws(IndexError) -> OpenFolder {
        try writing { () throws(FileError) in
            let (parent, name) = try OpenFolder.holding(path)
            let isNew = try parent.makeFolder(name)
            let folder = try OpenFolder(path, followingLinks: false)
            if isNew { parent.shareAccess(with: folder) }
            return folder
        }
    }

    /// The file of a region: the one it is in already, if that is still here, or a new one.
    private func written(
        _ known: SavedFile?, _ region: Region, in folder: OpenFolder, headLimit: Int, _ name: () -> String
    ) throws(IndexError) -> SavedFile {
        if let known, isUnchanged(known) { return known }
        var file = try AsideFile(name(), in: folder, headLimit: headLimit)
        _ = unsafe file.append(region.bytes)
        return try file.commit()
    }

    /// Writes the live loose rows: their ids, then their vectors.
    private func write(
        _ loose: LooseRows, _ name: String, in folder: OpenFolder
    ) throws(IndexError) -> SavedFile {
        var file = try AsideFile(name, in: folder, headLimit: .max)
        unsafe loose.forEach { _, id, _ in
            var id = id
            unsafe withUnsafeBytes(of: &id) { _ = unsafe file.append($0) }
        }
        unsafe loose.forEach { _, _, vector in
            _ = unsafe file.append(
                UnsafeRawBufferPointer(start: vector, count: loose.dimension * MemoryLayout<Float>.size))
        }
        return try file.commit()
    }

    /// The kind and the number in a name of this directory; nil for names that are none of ours.
    private static func parts(of name: String) -> (kind: String, generation: Int)? {
        for (kind, ending) in kinds where name.hasPrefix(kind + "-") && name.hasSuffix(ending) {
            let digits = name.utf8.dropFirst(kind.utf8.count + 1).dropLast(ending.utf8.count)
            // Fewer digits than would overflow, in a name that somebody else may have laid here.
            guard (1...15).contains(digits.count),
                digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
                let generation = Int(String(decoding: digits, as: UTF8.self))
            else { return nil }
            return (kind, generation)
        }
        return nil
    }

    /// The number in a name of this directory; nil for names that are none of ours.
    static func generation(of name: String) -> Int? { parts(of: name)?.generation }

    /// "quantizer", "segment", "removed" or "loose"; nil for names that are none of ours.
    static func kind(of name: String) -> String? { parts(of: name)?.kind }

    /// Whether a file is still the one that was written: the directory may have been emptied and used since.
    private func isUnchanged(_ file: SavedFile) -> Bool { (try? check(file, wholly: false)) != nil }

    private func names(_ folder: OpenFolder) -> [String] { (try? folder.names()) ?? [] }

    /// Removes earlier generations and leftovers.
    ///
    /// What cannot be removed now is removed by a later save.
    private func removeAll(but kept: Set<String>, in folder: OpenFolder) {
        Leftovers.clear(in: folder)
        for name in names(folder) where !kept.contains(name) {
            let isOurs = Self.generation(of: name) != nil || Self.isEarlierLeftover(name)
            if isOurs { _ = try? folder.remove(name) }
        }
    }

    /// Whether a name is one that earlier versions gave files in the making, which one process at a time wrote.
    static func isEarlierLeftover(_ name: String) -> Bool {
        guard name.hasSuffix(AsideFile.earlierSuffix) else { return false }
        return name.hasPrefix(IndexManifest.fileName) || kinds.contains { name.hasPrefix($0.key + "-") }
    }
}
