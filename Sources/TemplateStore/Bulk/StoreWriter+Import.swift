public import GalleryModel

/// How far the latest import came; written with what it brought, so that it is never told apart from that.
struct ImportMark: Equatable {
    static let size = 4 + ExportNumber.size + 16
    let export: ExportNumber
    /// References taken from the export, enrolled or present.
    var taken: UInt64
    /// The highest reference before the import began: what it may find present.
    let highestBefore: UInt64

    init(export: ExportNumber, taken: UInt64, highestBefore: UInt64) {
        (self.export, self.taken, self.highestBefore) = (export, taken, highestBefore)
    }

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.size, unsafe bytes.isSealed(key: 0) else { return nil }
        unsafe self.init(
            export: ExportNumber(bytes: [UInt8](bytes.slice(4, ExportNumber.size))),
            taken: bytes.number(20, as: UInt64.self), highestBefore: bytes.number(28, as: UInt64.self))
    }

    func encoded() -> [UInt8] {
        var record = RecordBytes()
        record.append(UInt32(0))
        record.append(export.bytes)
        record.append(taken)
        record.append(highestBefore)
        record.seal(key: 0)
        return record.bytes
    }
}

extension StoreReading where Self: ~Copyable {
    /// References taken from an export so far; 0 where another one was imported later, or none.
    public func importedCount(of export: ExportNumber) throws(StoreError) -> Int {
        guard let mark = try importMark, mark.export == export else { return 0 }
        return Int(clamping: mark.taken)
    }

    var importMark: ImportMark? {
        get throws(StoreError) {
            guard let bytes = try unsafe transaction.get(.meta, .text(Format.importKey)) else { return nil }
            // A damaged mark costs a search for what is present, no more.
            return unsafe ImportMark(bytes)
        }
    }
}

extension StoreWriter {
    /// Enrols references of an export in the order of its file, `first` being the place of the first of them.
    ///
    /// What was taken from this export before is skipped, so that an import that was cut off anywhere, or done,
    /// can be run again. Of what the gallery held before the import began, a reference counts as present if its
    /// subject has one of the same source digest, or one of the same source and the same template.
    /// - Throws: as `add`; `misuse` for a place behind what was taken.
    /// - Complexity: O(log gallery) each, and O(its subject's references) where the subject was there before.
    public mutating func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        var mark =
            ImportMark(
                export: export, taken: 0, highestBefore: UInt64(bitPattern: try position.highestReference))
        if let known = try importMark, known.export == export { mark = known }
        guard first >= 0, UInt64(first) <= mark.taken else {
            throw .misuse(reason: "reference \(first) of an import comes before reference \(mark.taken)")
        }
        var counts = ImportCounts()
        counts.present = min(Int(clamping: mark.taken) - first, references.count)
        var fresh: [NewReference] = []
        for reference in references.dropFirst(counts.present) {
            if mark.highestBefore > 0, try isPresent(reference, upTo: Int64(clamping: mark.highestBefore)) {
                counts.present += 1
            } else {
                fresh.append(reference)
            }
        }
        try add(fresh)
        counts.added = fresh.count
        mark.taken = max(mark.taken, UInt64(first + references.count))
        try transaction.put(.meta, .text(Format.importKey), mark.encoded())
        return counts
    }

    private func isPresent(_ new: NewReference, upTo highest: ReferenceID) throws(StoreError) -> Bool {
        guard let subject = try subjectNumber(named: new.subject) else { return false }
        if let digest = new.sourceDigest,
            let id = try reference(withDigest: digest, subject: new.subject), id <= highest
        {
            return true
        }
        for id in try references(of: subject) where id <= highest {
            guard let known = try reference(id), known.source.utf8.elementsEqual(new.source.utf8) else {
                continue
            }
            if try vector(of: id)?.map(\.bitPattern) == new.template.map(\.bitPattern) { return true }
        }
        return false
    }
}
