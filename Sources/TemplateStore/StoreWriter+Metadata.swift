extension StoreWriter {
    /// Gives a reference other metadata and another stamp of its source; everything else of it stays.
    ///
    /// O(log gallery).
    /// - Throws: `unknownReference`, `invalidReference` for metadata over 65,535 bytes as JSON.
    public mutating func update(
        reference id: ReferenceID, metadata: [String: String], stamp: SourceStamp?
    ) throws(StoreError) {
        try Self.checkMetadata(metadata, 0)
        guard var record = try transaction.referenceRecord(id) else { throw .unknownReference(id: id) }
        record.reference.metadata = metadata
        record.reference.sourceStamp = stamp
        record.encode(to: &transaction.record)
        try transaction.put(.references, .number(UInt64(id)), transaction.record.bytes)
    }

    /// Refuses metadata that is too long for a record, before anything is written.
    static func checkMetadata(_ metadata: [String: String], _ item: Int) throws(StoreError) {
        if let problem = metadataProblem(metadata) { throw .invalidReference(item: item, reason: problem) }
    }

    /// Why metadata cannot be stored, with the remedy; nil where it can.
    ///
    /// Linear in its length.
    public static func metadataProblem(_ metadata: [String: String]) -> String? {
        guard let bytes = MetadataRecord.encode(metadata), bytes.count > Format.longestMetadata else {
            return nil
        }
        return "its metadata takes \(bytes.count) bytes as JSON, 65,535 are possible; keep less of it"
    }
}
