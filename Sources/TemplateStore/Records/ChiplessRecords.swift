internal import GalleryModel

/// What becomes of the records of a gallery that keeps its chips no longer.
enum ChiplessRecords {
    /// What becomes of a record of any database but `chips`.
    static func change(
        _ database: Database, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, path: String
    ) throws(StoreError) -> ExchangeRecords.Change {
        switch database {
        case .meta where unsafe key.text(0, key.count) == Format.settingsKey:
            let (old, created) = try unsafe StoredSettings.decode(value, path: path).get()
            var settings = old
            settings.keepsChips = false
            return .replaced(StoredSettings.encode(settings, created: created))
        case .references:
            let id = unsafe Int64(bitPattern: key.number(0, as: UInt64.self))
            // A damaged record stays as it is, for `verify` to name.
            guard var record = unsafe ReferenceRecord(id: id, value), record.reference.hasChip else {
                return .kept
            }
            record.reference.hasChip = false
            var bytes = RecordBytes()
            record.encode(to: &bytes)
            return .replaced(bytes.bytes)
        default: return .kept
        }
    }
}
