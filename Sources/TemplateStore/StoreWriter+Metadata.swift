public import GalleryModel

extension StoreWriter {
    /// Gives a reference other metadata and another stamp of its source; everything else of it stays.
    ///
    /// O(log gallery).
    /// - Parameter source: in the place of the source it had; nil leaves it.
    /// - Throws: `unknownReference`, `invalidReference` for metadata or a source over 65,535 bytes.
    public mutating func update(
        reference id: ReferenceID, metadata: [String: String], stamp: SourceStamp?, source: String? = nil
    ) throws(StoreError) {
        try NewReference.check(metadata: metadata)
        if let source { try NewReference.check(source: source) }
        guard var record = try transaction.referenceRecord(id) else { throw .unknownReference(id: id) }
        record.reference.metadata = metadata
        record.reference.sourceStamp = stamp
        if let source { record.reference.source = source }
        record.encode(to: &transaction.record)
        try transaction.put(.references, .number(UInt64(id)), transaction.record.bytes)
    }
}
