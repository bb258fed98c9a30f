internal import GalleryModel

/// What a copy of a store changes in its records.
enum RecordChanges {
    case none
    /// Chips, and what tells of them, are left out.
    case withoutChips
    /// Templates are exchanged for those of another network.
    case exchange(ExchangeRecords)

    /// Whether the copy has a database.
    func keeps(_ database: Database) -> Bool {
        if case .withoutChips = self { database != .chips } else { true }
    }

    /// Whether the copy has a subject that the store has.
    func keepsSubject(_ number: SubjectNumber) -> Bool {
        if case .exchange(let records) = self { records.keepsSubject(number) } else { true }
    }

    /// What becomes of a record.
    mutating func change(
        _ database: Database, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, path: String
    ) throws(StoreError) -> ExchangeRecords.Change {
        switch self {
        case .none: return .kept
        case .withoutChips: return try unsafe ChiplessRecords.change(database, key, value, path: path)
        case .exchange(var records):
            // Taken out first, so that what it knows is not copied.
            self = .none
            defer { self = .exchange(records) }
            return try unsafe records.change(database, key, value)
        }
    }

    /// Records that a database gets behind those that it has.
    func additions(to database: Database) -> [(key: UInt64, value: [UInt8])] {
        if case .exchange(let records) = self { records.additions(to: database) } else { [] }
    }
}
