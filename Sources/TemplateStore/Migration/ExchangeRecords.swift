internal import CLMDB
internal import Files
internal import GalleryModel

/// What becomes of each record of a gallery whose templates are exchanged.
struct ExchangeRecords {
    /// What becomes of a record.
    enum Change {
        case kept, dropped
        case replaced([UInt8])
    }

    private let exchange: TemplateExchange
    private let path: String
    /// References that leave, ascending.
    private let dropped: [ReferenceID]
    private let droppedIDs: Set<ReferenceID>
    private let emptied: Set<SubjectNumber>
    private var counters = Counters()

    /// Looks at all references of a snapshot, and has those completed that have no new template.
    ///
    /// - Throws: `damaged` for a record that contradicts itself; what the exchange throws.
    init(
        _ exchange: TemplateExchange, _ source: OpaquePointer, _ handles: DatabaseHandles, path: String
    ) throws(StoreError) {
        (self.exchange, self.path) = (exchange, path)
        var (dropped, unmade): ([ReferenceToMake], [ReferenceToMake]) = ([], [])
        try unsafe forEachRecord(source, handles[.references], path: path) { key, value throws(StoreError) in
            let found = try unsafe ReferenceToMake(key, value, path: path)
            let id = found.reference.id
            if exchange.made.has(id, oldChecksum: found.checksum) { return }
            if exchange.isDropped(id) { dropped.append(found) } else { unmade.append(found) }
        }
        if !unmade.isEmpty { try exchange.complete(unmade) }
        self.dropped = dropped.map(\.reference.id)
        let ids = Set(self.dropped)
        droppedIDs = ids
        var emptied = Set(dropped.map(\.reference.subject))
        if !emptied.isEmpty {
            try unsafe forEachRecord(source, handles[.members], path: path) { key, _ in
                guard key.count == 16 else { return }
                let id = unsafe Int64(bitPattern: UInt64(bigEndian: key.number(8, as: UInt64.self)))
                if !ids.contains(id) {
                    emptied.remove(UInt64(bigEndian: unsafe key.number(0, as: UInt64.self)))
                }
            }
        }
        self.emptied = emptied
    }

    /// Bytes by which the new templates may exceed the old ones.
    func growth(from dimension: Int) -> Int {
        // What does not fit half a page gets pages of its own.
        let size = 4 * exchange.made.plan.settings.dimension
        let room = size > 1_900 ? (size + 4_096 + 15) / 4_096 * 4_096 + 64 : size + size / 4 + 64
        return max(0, room - 4 * dimension) * exchange.made.count
    }

    /// What becomes of a record, those of `meta` first.
    mutating func change(
        _ database: Database, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(StoreError) -> Change {
        switch database {
        case .meta: return try unsafe changeOfMeta(unsafe key.text(0, key.count), value)
        case .subjects:
            return unsafe emptied.contains(key.number(0, as: UInt64.self)) ? .dropped : .kept
        case .names:
            guard value.count == 8 else { throw damaged("a name has no number") }
            return unsafe emptied.contains(value.number(0, as: UInt64.self)) ? .dropped : .kept
        case .chips:
            let id = unsafe Int64(bitPattern: key.number(0, as: UInt64.self))
            return droppedIDs.contains(id) ? .dropped : .kept
        case .references, .vectors:
            let id = unsafe Int64(bitPattern: key.number(0, as: UInt64.self))
            if droppedIDs.contains(id) { return .dropped }
            let made = try made(id)
            return .replaced(
                database == .vectors
                    ? Self.bytes(of: made.template) : try unsafe record(id, value, of: made))
        case .members: return unsafe droppedIDs.contains(lastNumber(of: key, 8)) ? .dropped : .kept
        case .digests:
            return unsafe droppedIDs.contains(lastNumber(of: key, NewReference.digestSize)) ? .dropped : .kept
        case .removals: return .kept
        }
    }

    /// Whether a subject has a reference left.
    func keepsSubject(_ number: SubjectNumber) -> Bool { !emptied.contains(number) }

    /// Records that follow all others of a database.
    func additions(to database: Database) -> [(key: UInt64, value: [UInt8])] {
        guard database == .removals else { return [] }
        return dropped.enumerated().map { place, id in
            var value = RecordBytes()
            value.append(UInt64(bitPattern: id))
            return (counters.removals + 1 + UInt64(place), value.bytes)
        }
    }

    private func damaged(_ reason: String) -> StoreError { .damaged(path: path, reason: reason) }

    private func lastNumber(of key: UnsafeRawBufferPointer, _ offset: Int) -> Int64 {
        guard key.count == offset + 8 else { return 0 }
        return unsafe Int64(bitPattern: UInt64(bigEndian: key.number(offset, as: UInt64.self)))
    }

    private mutating func changeOfMeta(
        _ key: String?, _ value: UnsafeRawBufferPointer
    ) throws(StoreError) -> Change {
        switch key {
        case Format.settingsKey:
            let (old, created) = try unsafe StoredSettings.decode(value, path: path).get()
            var new = exchange.made.plan.settings
            new.keepsChips = old.keepsChips
            return .replaced(StoredSettings.encode(new, created: created))
        case Format.countersKey:
            guard let found = unsafe Counters(value) else { throw damaged("its counters record is damaged") }
            counters = found
            var later = found
            later.removals += UInt64(dropped.count)
            return .replaced(later.encoded())
        // What was derived from the old templates.
        case Format.followerKey: return .dropped
        // Thresholds and the like hold for the old network.
        case let key? where key.hasPrefix(Format.notePrefix): return .dropped
        default: return .kept
        }
    }

    private func made(_ id: ReferenceID) throws(StoreError) -> MadeTemplate {
        let found = try onFiles(path, "reading the new templates of") { () throws(FileError) in
            try exchange.made.template(of: id)
        }
        guard let found else {
            throw .io(path: path, doing: "changing the network of", reason: "a new template was damaged")
        }
        return found
    }

    /// The record of a reference, with the quality and the checksum of its new template.
    private func record(
        _ id: ReferenceID, _ value: UnsafeRawBufferPointer, of made: MadeTemplate
    ) throws(StoreError) -> [UInt8] {
        guard var record = unsafe ReferenceRecord(id: id, value) else {
            throw damaged("the record of reference \(id) fails its checksum")
        }
        if let quality = made.quality { record.reference.quality = quality }
        let template = Self.bytes(of: made.template)
        record.vectorChecksum = unsafe template.withUnsafeBytes { unsafe vectorChecksum(id, $0) }
        var bytes = RecordBytes()
        record.encode(to: &bytes)
        return bytes.bytes
    }

    private static func bytes(of template: [Float]) -> [UInt8] {
        unsafe template.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}

/// Calls `body` with each record of a database, in the order of keys.
func forEachRecord(
    _ transaction: OpaquePointer, _ database: MDB_dbi, path: String,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(StoreError) -> Void
) throws(StoreError) {
    var opened: OpaquePointer?
    try StoreError.check(unsafe mdb_cursor_open(transaction, database, &opened), path: path, doing: "reading")
    guard let cursor = unsafe opened else { throw .io(path: path, doing: "reading", reason: "nothing") }
    defer { unsafe mdb_cursor_close(cursor) }
    var lent = LentPages(ofMap: ())
    var pending = 0
    while true {
        var (key, value) = unsafe (MDB_val(), MDB_val())
        let status = unsafe mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
        if status == MDB_NOTFOUND { break }
        try StoreError.check(status, path: path, doing: "reading")
        let bytes = unsafe UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
        unsafe lent.note(bytes)
        try unsafe body(UnsafeRawBufferPointer(start: key.mv_data, count: key.mv_size), bytes)
        pending += unsafe key.mv_size + value.mv_size
        guard pending >= 32 << 20 else { continue }
        pending = 0
        lent.forget()
    }
    lent.forget()
}
