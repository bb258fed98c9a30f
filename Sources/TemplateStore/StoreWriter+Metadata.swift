extension StoreWriter {
    /// Gives a reference other metadata and another stamp of its source; everything else of it stays.
    ///
    /// O(log gallery).
    /// - Parameter source: in the place of the source it had; nil leaves it.
    /// - Throws: `unknownReference`, `invalidReference` for metadata or a source over 65,535 bytes.
    public mutating func update(
        reference id: ReferenceID, metadata: [String: String], stamp: SourceStamp?, source: String? = nil
    ) throws(StoreError) {
        try Self.checkMetadata(metadata, 0)
        if let source { try Self.checkSource(source, 0) }
        guard var record = try transaction.referenceRecord(id) else { throw .unknownReference(id: id) }
        record.reference.metadata = metadata
        record.reference.sourceStamp = stamp
        if let source { record.reference.source = source }
        record.encode(to: &transaction.record)
        try transaction.put(.references, .number(UInt64(id)), transaction.record.bytes)
    }

    /// Refuses metadata that is too long for a record, before anything is written.
    static func checkMetadata(_ metadata: [String: String], _ item: Int) throws(StoreError) {
        if let problem = metadataProblem(metadata) { throw .invalidReference(item: item, reason: problem) }
    }

    /// Refuses a source that is too long for a record, before anything is written.
    static func checkSource(_ source: String, _ item: Int) throws(StoreError) {
        if source.utf8.count > Format.longestSource {
            throw .invalidReference(item: item, reason: "its source is longer than 65,535 bytes; shorten it")
        }
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
