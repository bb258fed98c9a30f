public import GalleryModel

/// Names that subjects had before they were renamed or merged, so that a folder of that name is still theirs.
///
/// A record of `meta` for each checksum of a name: a checksum, and then the subject's number and the name for each that
/// gave the name up, the last one last. Subjects that are removed stay in it until the gallery is compacted.
struct FormerNames {
    struct Entry: Equatable {
        var subject: SubjectNumber
        var name: String
    }

    var entries: [Entry]

    init(_ entries: [Entry] = []) { self.entries = entries }

    /// The key of the record that has a name.
    static func key(of name: String) -> String {
        var checksum = CRC32()
        unsafe Array(name.utf8).withUnsafeBytes { unsafe checksum.add($0) }
        let digits = String(checksum.value, radix: 16)
        return Format.formerPrefix + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Nil where the bytes are no such record.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard unsafe bytes.isSealed(key: 0) else { return nil }
        entries = []
        var offset = 4
        while offset < bytes.count {
            guard bytes.count - offset >= 10 else { return nil }
            let size = unsafe Int(bytes.number(offset + 8, as: UInt16.self))
            guard bytes.count - offset - 10 >= size, let name = unsafe bytes.text(offset + 10, size) else {
                return nil
            }
            entries.append(Entry(subject: unsafe bytes.number(offset, as: UInt64.self), name: name))
            offset += 10 + size
        }
    }

    func encoded() -> [UInt8] {
        var record = RecordBytes()
        record.append(UInt32(0))
        for entry in entries {
            record.append(entry.subject)
            record.append(UInt16(clamping: entry.name.utf8.count))
            record.append(entry.name)
        }
        record.seal(key: 0)
        return record.bytes
    }

    /// Who gave a name up, the last one last; names compare byte for byte.
    func subjects(of name: String) -> [SubjectNumber] {
        entries.filter { $0.name.utf8.elementsEqual(name.utf8) }.map(\.subject)
    }
}

extension StoreReading where Self: ~Copyable {
    /// The subject that had this name before it was renamed or merged; nil if there is none.
    ///
    /// If several had it, the one that gave it up last. O(log gallery + subjects that had the name).
    public func subject(formerlyNamed name: String) throws(StoreError) -> Subject? {
        guard let form = try? SubjectName.canonical(name) else { return nil }
        for number in try formerNames(like: form).subjects(of: form).reversed() {
            if let subject = try subject(number: number) { return subject }
        }
        return nil
    }

    fileprivate func formerNames(like name: String) throws(StoreError) -> FormerNames {
        guard let bytes = try unsafe transaction.get(.meta, .text(FormerNames.key(of: name))) else {
            return FormerNames()
        }
        guard let found = unsafe FormerNames(bytes) else {
            throw transaction.damaged("a record of former names is damaged")
        }
        return found
    }
}

extension StoreWriter {
    /// Notes that a subject had a name.
    func remember(_ name: String, of subject: SubjectNumber) throws(StoreError) {
        // Older galleries hold names that are in no form; nobody asks for those.
        guard let form = try? SubjectName.canonical(name) else { return }
        var known = try formerNames(like: form)
        let entry = FormerNames.Entry(subject: subject, name: form)
        known.entries.removeAll { $0 == entry }
        known.entries.append(entry)
        try transaction.put(.meta, .text(FormerNames.key(of: form)), known.encoded())
    }

    /// Makes the former names of one subject those of another.
    func rememberAll(of old: SubjectNumber, for new: SubjectNumber) throws(StoreError) {
        var changed: [(key: String, names: FormerNames)] = []
        let cursor = try Cursor(transaction, .meta)
        var entry = try unsafe cursor.seek(.text(Format.formerPrefix))
        while let (bytes, value) = unsafe entry {
            guard let key = unsafe bytes.text(0, bytes.count), key.hasPrefix(Format.formerPrefix) else { break }
            guard var names = unsafe FormerNames(value) else {
                throw transaction.damaged("a record of former names is damaged")
            }
            if names.entries.contains(where: { $0.subject == old }) {
                for place in names.entries.indices where names.entries[place].subject == old {
                    names.entries[place].subject = new
                }
                changed.append((key, names))
            }
            unsafe entry = try unsafe cursor.next()
        }
        for (key, names) in changed { try transaction.put(.meta, .text(key), names.encoded()) }
    }
}

extension FormerNames {
    /// What a copy of a gallery keeps of a record of `meta`: only what is said of subjects that are there.
    ///
    /// A damaged record stays as it is, for `verify` to name.
    static func change(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
        isSubject: (SubjectNumber) throws(StoreError) -> Bool
    ) throws(StoreError) -> ExchangeRecords.Change {
        guard let name = unsafe key.text(0, key.count), name.hasPrefix(Format.formerPrefix),
            let names = unsafe FormerNames(value)
        else { return .kept }
        var kept = FormerNames()
        for entry in names.entries where try isSubject(entry.subject) { kept.entries.append(entry) }
        if kept.entries.isEmpty { return .dropped }
        return kept.entries == names.entries ? .kept : .replaced(kept.encoded())
    }
}

extension FormerNames {
    /// Keys of the records of former names, and of notes, whose checksum is wrong.
    static func damagedRecords(_ transaction: StoreTransaction) throws(StoreError) -> [String] {
        var damaged: [String] = []
        let cursor = try Cursor(transaction, .meta)
        var entry = try unsafe cursor.first()
        while let (bytes, value) = unsafe entry {
            if let key = unsafe bytes.text(0, bytes.count) {
                if key.hasPrefix(Format.formerPrefix), unsafe FormerNames(value) == nil { damaged.append(key) }
                if key.hasPrefix(Format.notePrefix), unsafe !value.isSealed(key: 0) { damaged.append(key) }
            }
            unsafe entry = try unsafe cursor.next()
        }
        return damaged
    }
}
