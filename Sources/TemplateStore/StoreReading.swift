public import GalleryModel

/// What can be asked inside `TemplateStore.read` and `TemplateStore.write`.
///
/// All answers of one closure come from one snapshot: what others commit meanwhile shows in the next one.
/// Ids and numbers that do not exist give nil, 0 or an empty list, never an error. Every method throws
/// `StoreError.damaged` for a record that contradicts itself and `.io` when the system fails.
public protocol StoreReading: ~Copyable {
    /// The transaction the answers come from.
    var transaction: StoreTransaction { get }
}

/// The read side of a store, lent to a closure; it cannot leave it.
public struct StoreReader: StoreReading, ~Copyable {
    /// The transaction the answers come from.
    public let transaction: StoreTransaction

    init(_ transaction: StoreTransaction) { self.transaction = transaction }
}

extension StoreReading where Self: ~Copyable {
    /// Subjects enrolled.
    ///
    /// O(1).
    public var subjectCount: Int {
        get throws(StoreError) { try transaction.count(.subjects) }
    }

    /// References enrolled.
    ///
    /// O(1).
    public var referenceCount: Int {
        get throws(StoreError) { try transaction.count(.references) }
    }

    /// How far the gallery has come.
    ///
    /// O(1).
    public var position: StorePosition {
        get throws(StoreError) {
            let counters = try transaction.counters()
            return StorePosition(
                highestReference: Int64(bitPattern: counters.highestReference), removals: counters.removals)
        }
    }

    /// Number of the snapshot: grows with every commit of any process, renames and merges included.
    public var revision: UInt64 { transaction.number }

    // MARK: subjects

    /// The subject that this name means, under the name that it is enrolled under; nil if there is none.
    ///
    /// O(log subjects + references of the subject).
    public func subject(named name: String) throws(StoreError) -> Subject? {
        guard let (enrolled, number) = try transaction.enrolledSubject(name) else { return nil }
        return Subject(number: number, name: enrolled, referenceCount: try transaction.memberCount(of: number))
    }

    /// The subject of this number, nil if there is none.
    ///
    /// O(log subjects + references of the subject).
    public func subject(number: SubjectNumber) throws(StoreError) -> Subject? {
        guard let name = try subjectName(number) else { return nil }
        return Subject(number: number, name: name, referenceCount: try transaction.memberCount(of: number))
    }

    /// The number of the subject that this name means, nil if there is none.
    ///
    /// A name means the subject that has it byte for byte, and else the one of its canonical form. O(log subjects).
    public func subjectNumber(named name: String) throws(StoreError) -> SubjectNumber? {
        try transaction.enrolledSubject(name)?.number
    }

    /// The name of a subject, nil if there is none of this number.
    ///
    /// O(log subjects).
    public func subjectName(_ number: SubjectNumber) throws(StoreError) -> String? {
        guard let bytes = try unsafe transaction.get(.subjects, .number(number)) else { return nil }
        guard let name = unsafe SubjectRecord.name(number: number, bytes) else {
            throw transaction.damaged("the record of subject \(number) fails its checksum")
        }
        return name
    }

    /// The ids of a subject's references, ascending; empty when there is no such subject.
    ///
    /// O(log references + references of the subject).
    public func references(of subject: SubjectNumber) throws(StoreError) -> [ReferenceID] {
        var ids: [ReferenceID] = []
        try transaction.forEachMember(of: subject) { id in ids.append(id) }
        return ids
    }

    /// Calls `body` with every subject in the order of the names' bytes.
    ///
    /// O(subjects + references).
    public func forEachSubject(_ body: (Subject) throws(StoreError) -> Void) throws(StoreError) {
        let cursor = try Cursor(transaction, .names)
        var entry = try unsafe cursor.first()
        while let (key, value) = unsafe entry {
            guard let name = unsafe key.text(0, key.count), value.count == 8 else {
                throw transaction.damaged("a subject's name is not UTF-8")
            }
            let number = unsafe value.number(0, as: UInt64.self)
            try body(Subject(number: number, name: name, referenceCount: transaction.memberCount(of: number)))
            unsafe entry = try unsafe cursor.next()
        }
    }

    // MARK: references

    /// The reference of this number, nil if there is none.
    ///
    /// O(log references).
    public func reference(_ id: ReferenceID) throws(StoreError) -> Reference? {
        try transaction.referenceRecord(id)?.reference
    }

    /// The subject a reference belongs to, nil if there is no such reference.
    ///
    /// O(log references), without decoding or checking the rest of the record.
    public func subjectNumber(ofReference id: ReferenceID) throws(StoreError) -> SubjectNumber? {
        guard id > 0, let bytes = try unsafe transaction.get(.references, .number(UInt64(id))) else {
            return nil
        }
        guard bytes.count >= ReferenceRecord.fixedSize else {
            throw transaction.damaged("the record of reference \(id) is cut off")
        }
        return unsafe bytes.number(ReferenceRecord.subjectOffset, as: UInt64.self)
    }

    /// The ids of all references, ascending.
    ///
    /// O(references).
    public var allReferences: [ReferenceID] {
        get throws(StoreError) {
            var ids: [ReferenceID] = []
            ids.reserveCapacity(try referenceCount)
            // Records are a fifth of the size of templates.
            let cursor = try Cursor(transaction, .references)
            var lent = LentPages(of: transaction)
            var entry = try unsafe cursor.seek(.number(0))
            while let (key, _) = unsafe entry {
                unsafe lent.note(key)
                if ids.count.isMultiple(of: 1 << 17) { lent.forget() }
                guard key.count == 8 else {
                    throw transaction.damaged("the key of a reference does not have 8 bytes")
                }
                ids.append(unsafe Int64(bitPattern: key.number(0, as: UInt64.self)))
                unsafe entry = try unsafe cursor.next()
            }
            lent.forget()
            return ids
        }
    }

    /// The lowest reference of the named subject whose source has this digest, nil if there is none.
    ///
    /// O(log references), and for a subject of more than 16 references O(references with this digest) on top; nil
    /// for a digest that has not 32 bytes.
    public func reference(
        withDigest digest: [UInt8], subject name: String
    ) throws(StoreError) -> ReferenceID? {
        guard digest.count == NewReference.digestSize, let subject = try subjectNumber(named: name) else {
            return nil
        }
        // A photo may be enrolled under very many names, a name have very many photos, hardly ever both.
        if let few = try transaction.members(of: subject, atMost: 16) {
            for id in few where try reference(id)?.sourceDigest == digest { return id }
            return nil
        }
        let cursor = try Cursor(transaction, .digests)
        var entry = try unsafe cursor.seek(.digest(digest, 0))
        while let (key, _) = unsafe entry {
            guard key.count == digest.count + 8, unsafe key.slice(0, digest.count).elementsEqual(digest) else {
                break
            }
            let id = Int64(bitPattern: UInt64(bigEndian: unsafe key.number(digest.count, as: UInt64.self)))
            if try subjectNumber(ofReference: id) == subject { return id }
            unsafe entry = try unsafe cursor.next()
        }
        return nil
    }

    /// The lowest reference of any subject whose source has this digest, nil if there is none.
    ///
    /// O(log references); nil for a digest that has not 32 bytes.
    public func reference(withDigest digest: [UInt8]) throws(StoreError) -> ReferenceID? {
        guard digest.count == NewReference.digestSize else { return nil }
        let cursor = try Cursor(transaction, .digests)
        guard let (key, _) = try unsafe cursor.seek(.digest(digest, 0)), key.count == digest.count + 8,
            unsafe key.slice(0, digest.count).elementsEqual(digest)
        else { return nil }
        return Int64(bitPattern: UInt64(bigEndian: unsafe key.number(digest.count, as: UInt64.self)))
    }

    /// Ids of the references removed after removal number `after` (0 for all), in order of removal.
    ///
    /// Element i is removal number `after + 1 + i`. O(log removals + removals returned).
    public func removals(after: UInt64) throws(StoreError) -> [ReferenceID] {
        guard after < .max else { return [] }
        var ids: [ReferenceID] = []
        let cursor = try Cursor(transaction, .removals)
        var entry = try unsafe cursor.seek(.number(after + 1))
        while let (key, value) = unsafe entry {
            guard key.count == 8, value.count == 8,
                unsafe key.number(0, as: UInt64.self) == after &+ 1 &+ UInt64(ids.count)
            else { throw transaction.damaged("its log of removals has a gap") }
            ids.append(unsafe Int64(bitPattern: value.number(0, as: UInt64.self)))
            unsafe entry = try unsafe cursor.next()
        }
        return ids
    }

    // MARK: vectors

    /// Calls `body` with the template of a reference and returns its result, nil if there is none.
    ///
    /// The buffer holds `dimension` numbers, is in the memory map (no copy) and is good inside `body` only.
    /// Its checksum is not looked at; `TemplateStore.verify` does. O(log references).
    public func withVector<Result>(
        _ id: ReferenceID, _ body: (UnsafeBufferPointer<Float>) throws(StoreError) -> Result
    ) throws(StoreError) -> Result? {
        guard id > 0, let bytes = try unsafe transaction.get(.vectors, .number(UInt64(id))) else { return nil }
        return try unsafe transaction.withFloats(id, bytes, body)
    }

    /// The bytes of a reference's template, where they are in the map; nil if there is none.
    ///
    /// They are good until the closure that lent this reader returns, and may have no alignment.
    /// O(log references).
    public func vectorBytes(of id: ReferenceID) throws(StoreError) -> UnsafeRawBufferPointer? {
        guard id > 0, let bytes = try unsafe transaction.get(.vectors, .number(UInt64(id))) else { return nil }
        return unsafe bytes.count == transaction.environment.settings.dimension * 4 ? bytes : nil
    }

    /// The template of a reference, nil if there is none.
    ///
    /// O(log references + dimension).
    public func vector(of id: ReferenceID) throws(StoreError) -> [Float]? {
        try unsafe withVector(id) { vector in unsafe [Float](vector) }
    }

    /// Calls `body` with every reference above `after` (0 for all) and its template, in ascending order.
    ///
    /// The buffer is good inside `body` only. Ends early when `body` throws (`StoreError.cancelled`, say).
    /// O(log references + references visited).
    public func forEachVector(
        after: ReferenceID, _ body: (ReferenceID, UnsafeBufferPointer<Float>) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard after < .max else { return }
        let cursor = try Cursor(transaction, .vectors)
        var entry = try unsafe cursor.seek(.number(UInt64(max(after, 0)) + 1))
        while let (key, value) = unsafe entry {
            guard key.count == 8 else {
                throw transaction.damaged("the key of a template does not have 8 bytes")
            }
            let id = unsafe Int64(bitPattern: key.number(0, as: UInt64.self))
            try unsafe transaction.withFloats(id, value) { floats throws(StoreError) in
                try unsafe body(id, floats)
            }
            unsafe entry = try unsafe cursor.next()
        }
    }
}

extension StoreTransaction {
    func forEachMember(
        of subject: SubjectNumber, _ body: (ReferenceID) throws(StoreError) -> Void
    ) throws(StoreError) {
        let cursor = try Cursor(self, .members)
        var entry = try unsafe cursor.seek(.member(subject, 0))
        while let (key, _) = unsafe entry {
            guard key.count == 16 else { throw damaged("a key of 'members' does not have 16 bytes") }
            guard UInt64(bigEndian: unsafe key.number(0, as: UInt64.self)) == subject else { return }
            try body(Int64(bitPattern: UInt64(bigEndian: unsafe key.number(8, as: UInt64.self))))
            unsafe entry = try unsafe cursor.next()
        }
    }

    func memberCount(of subject: SubjectNumber) throws(StoreError) -> Int {
        var count = 0
        try forEachMember(of: subject) { _ in count += 1 }
        return count
    }

    /// The references of a subject, ascending; nil if there are more than `limit`.
    func members(of subject: SubjectNumber, atMost limit: Int) throws(StoreError) -> [ReferenceID]? {
        var ids: [ReferenceID] = []
        do throws(StoreError) {
            try forEachMember(of: subject) { id throws(StoreError) in
                if ids.count == limit { throw .cancelled }
                ids.append(id)
            }
        } catch .cancelled {
            return nil
        }
        return ids
    }

    /// Whether a subject has more than one reference.
    func hasTwoMembers(_ subject: SubjectNumber) throws(StoreError) -> Bool {
        let cursor = try Cursor(self, .members)
        guard try unsafe cursor.seek(.member(subject, 0)) != nil, let (key, _) = try unsafe cursor.next() else {
            return false
        }
        return unsafe key.count == 16 && UInt64(bigEndian: key.number(0, as: UInt64.self)) == subject
    }

    func referenceRecord(_ id: ReferenceID) throws(StoreError) -> ReferenceRecord? {
        guard id > 0, let bytes = try unsafe get(.references, .number(UInt64(id))) else { return nil }
        guard let record = unsafe ReferenceRecord(id: id, bytes) else {
            throw damaged("the record of reference \(id) fails its checksum")
        }
        return record
    }

    func withFloats<Result>(
        _ id: ReferenceID, _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeBufferPointer<Float>) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let dimension = environment.settings.dimension
        guard bytes.count == dimension * 4, let start = bytes.baseAddress else {
            throw damaged(
                "the template of reference \(id) has \(bytes.count) bytes instead of \(dimension * 4)")
        }
        if Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0 {
            return try unsafe body(
                UnsafeBufferPointer(start: start.assumingMemoryBound(to: Float.self), count: dimension))
        }
        // LMDB promises even addresses only; in practice pages keep the eight that keys and templates have.
        let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: dimension)
        defer { unsafe copy.deallocate() }
        unsafe UnsafeMutableRawBufferPointer(copy).copyMemory(from: bytes)
        return try unsafe body(UnsafeBufferPointer(copy))
    }
}
