public import GalleryModel

extension StoreReading where Self: ~Copyable {
    /// The bytes that were kept as a note; nil if there are none.
    ///
    /// - Throws: `damaged` if their checksum is wrong.
    public func note(_ note: GalleryNote) throws(StoreError) -> [UInt8]? {
        guard let bytes = try unsafe transaction.get(.meta, .text(Format.notePrefix + note.name)) else {
            return nil
        }
        guard unsafe bytes.isSealed(key: 0) else {
            throw transaction.damaged("its note '\(note.name)' fails its checksum")
        }
        return unsafe [UInt8](bytes.slice(4, bytes.count - 4))
    }
}

extension StoreWriter {
    /// Keeps a note in place of the one before; nil removes it.
    ///
    /// - Throws: `misuse` for more bytes than a note may have.
    public mutating func keep(_ bytes: [UInt8]?, as note: GalleryNote) throws(StoreError) {
        try note.check(bytes)
        let key = Format.notePrefix + note.name
        guard let bytes else {
            try transaction.delete(.meta, .text(key))
            return
        }
        var record = RecordBytes()
        record.append(UInt32(0))
        record.append(bytes)
        record.seal(key: 0)
        try transaction.put(.meta, .text(key), record.bytes)
    }
}
