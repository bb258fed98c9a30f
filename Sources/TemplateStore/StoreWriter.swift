internal import CLMDB  // its header and Glibc's both define timespec: either may be the one that Swift sees
public import GalleryModel
internal import Glibc

/// The write side of a store, lent to a closure; it reads what it has written.
///
/// If a method throws because of its arguments, nothing of that call was written, and the transaction can continue.
/// After any other error the transaction cannot be committed any more.
public struct StoreWriter: StoreReading, ~Copyable {
    /// The transaction in which everything happens.
    public let transaction: StoreTransaction

    init(_ transaction: StoreTransaction) { self.transaction = transaction }

    /// Enrols `references` in order and returns their ids, ascending.
    ///
    /// Subjects that do not exist are created.
    /// - Throws: `badVector`, `invalidName` or `invalidReference` for the first one that cannot be stored; then
    ///   none of them was.
    /// - Complexity: O(log gallery) each. LMDB keeps the pages that a transaction changes in memory until the commit, at
    ///   most 131,071 of them (512 MB with pages of 4 KB), and writes further ones to the file before it.
    @discardableResult
    public mutating func add(_ references: [NewReference]) throws(StoreError) -> [ReferenceID] {
        let settings = transaction.environment.settings
        for item in references.indices { try references[item].check(for: settings, item: item) }
        let now = Self.now()
        var counters = try transaction.counters()
        var ids: [ReferenceID] = []
        ids.reserveCapacity(references.count)
        var subject: SubjectNumber = 0
        for item in references.indices {
            // References of one subject come in runs; names compare as bytes, which Swift's == does not.
            if item == 0 || !references[item].subject.utf8.elementsEqual(references[item - 1].subject.utf8) {
                subject = try subjectNumber(named: references[item].subject, creating: &counters)
            }
            counters.highestReference += 1
            let id = Int64(bitPattern: counters.highestReference)
            try store(references[item], id: id, subject: subject, now: now)
            ids.append(id)
        }
        transaction.setCounters(counters)
        return ids
    }

    /// Enrols one reference and returns its id.
    @discardableResult
    public mutating func add(_ reference: NewReference) throws(StoreError) -> ReferenceID {
        guard let id = try add([reference]).first else { throw .misuse(reason: "there is nothing to enrol") }
        return id
    }

    /// Gives a subject another name; its number and references stay.
    ///
    /// The new one is brought into its canonical form. The same name again changes nothing.
    /// - Throws: `unknownSubject`, `nameTaken`, `invalidName`.
    public mutating func rename(from name: String, to newName: String) throws(StoreError) {
        let newName = try SubjectName.canonical(newName)
        guard let (old, number) = try transaction.enrolledSubject(name) else {
            throw .unknownSubject(name: name)
        }
        if old.utf8.elementsEqual(newName.utf8) { return }
        // The subject itself may be enrolled under another form of the name that it gets.
        if let other = try subjectNumber(named: newName), other != number { throw .nameTaken(name: newName) }
        try remember(old, of: number)
        try transaction.delete(.names, .text(old))
        try Self.setName(newName, of: number, in: transaction)
    }

    /// Moves all references of one subject to another and removes the emptied subject.
    ///
    /// References that came from the same file as one of the other subject are removed.
    /// - Throws: `unknownSubject` for either, `misuse` when they are the same.
    /// - Complexity: O(references of both · log gallery + former names). Templates are not touched.
    @discardableResult
    public mutating func merge(_ name: String, into target: String) throws(StoreError) -> MergeOutcome {
        guard let (old, from) = try transaction.enrolledSubject(name) else { throw .unknownSubject(name: name) }
        guard let into = try subjectNumber(named: target) else { throw .unknownSubject(name: target) }
        guard from != into else { throw .misuse(reason: "'\(name.shown)' cannot be merged into itself") }
        // All read before the first is written: a damaged one must not leave half a merge.
        var moved: [ReferenceRecord] = []
        var dropped: [ReferenceID] = []
        var digests: Set<[UInt8]> = []
        for id in try references(of: into) {
            if let digest = try reference(id)?.sourceDigest { digests.insert(digest) }
        }
        for id in try references(of: from) {
            guard let found = try transaction.referenceRecord(id) else {
                throw transaction.damaged("subject \(from) has a reference \(id) that does not exist")
            }
            let old = found.reference
            if let digest = old.sourceDigest, !digests.insert(digest).inserted {
                dropped.append(id)
                continue
            }
            let new = Reference(
                id: id, subject: into, source: old.source, sourceDigest: old.sourceDigest,
                sourceStamp: old.sourceStamp, quality: old.quality, metadata: old.metadata,
                enrolled: old.enrolled, hasChip: old.hasChip)
            moved.append(ReferenceRecord(new, vectorChecksum: found.vectorChecksum))
        }
        for record in moved {
            let id = UInt64(record.reference.id)
            record.encode(to: &transaction.record)
            try transaction.put(.references, .number(id), transaction.record.bytes)
            try transaction.delete(.members, .member(from, id))
            try transaction.put(.members, .member(into, id), [])
        }
        for id in dropped { try erase(id, of: from) }
        try rememberAll(of: from, for: into)
        try remember(old, of: into)
        try transaction.delete(.names, .text(old))
        try transaction.delete(.subjects, .number(from))
        return MergeOutcome(moved: moved.count, dropped: dropped.count)
    }

    /// Removes a subject with all its references and returns their ids, ascending.
    /// - Throws: `unknownSubject`.
    @discardableResult
    public mutating func remove(subject name: String) throws(StoreError) -> [ReferenceID] {
        guard let (enrolled, number) = try transaction.enrolledSubject(name) else {
            throw .unknownSubject(name: name)
        }
        let ids = try references(of: number)
        for id in ids { try erase(id, of: number) }
        try transaction.delete(.names, .text(enrolled))
        try transaction.delete(.subjects, .number(number))
        return ids
    }

    /// Removes one reference; the subject goes with its last one.
    ///
    /// O(log gallery).
    /// - Throws: `unknownReference`.
    public mutating func remove(reference id: ReferenceID) throws(StoreError) {
        guard let subject = try subjectNumber(ofReference: id) else { throw .unknownReference(id: id) }
        let isLast = try !transaction.hasTwoMembers(subject)
        let name = isLast ? try subjectName(subject) : nil
        try erase(id, of: subject)
        guard isLast else { return }
        if let name { try transaction.delete(.names, .text(name)) }
        try transaction.delete(.subjects, .number(subject))
    }

    // MARK: parts

    /// Seconds since 1970-01-01 00:00 UTC.
    static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func setName(
        _ name: String, of number: SubjectNumber, in transaction: StoreTransaction
    ) throws(StoreError) {
        SubjectRecord.encode(number: number, name: name, to: &transaction.record)
        try transaction.put(.subjects, .number(number), transaction.record.bytes)
        var value = RecordBytes()
        value.append(number)
        try transaction.put(.names, .text(name), value.bytes)
    }

    private func subjectNumber(
        named name: String, creating counters: inout Counters
    ) throws(StoreError) -> SubjectNumber {
        let name = SubjectName.isPlain(name.utf8) ? name : try enrolledName(of: name)
        let next = counters.highestSubject + 1
        if let bytes = try unsafe transaction.putNew(.names, .text(name), next) {
            return try unsafe transaction.subjectNumber(in: bytes, of: .text(name))
        }
        counters.highestSubject = next
        SubjectRecord.encode(number: next, name: name, to: &transaction.record)
        try transaction.put(.subjects, .number(next), transaction.record.bytes, append: true)
        return next
    }

    private func store(
        _ new: NewReference, id: ReferenceID, subject: SubjectNumber, now: Double
    ) throws(StoreError) {
        let key = UInt64(bitPattern: id)
        var failure: StoreError?
        var checksum: UInt32 = 0
        unsafe new.template.withUnsafeBytes { bytes in
            checksum = unsafe vectorChecksum(id, bytes)
            do throws(StoreError) {
                try unsafe transaction.put(.vectors, .number(key), bytes, append: true)
            } catch { failure = error }
        }
        if let failure { throw failure }
        ReferenceRecord.encode(
            id: id, subject: subject, enrolled: new.enrolled ?? now, source: new.source,
            digest: new.sourceDigest, quality: new.quality, stamp: new.sourceStamp,
            metadata: MetadataText.encode(new.metadata), hasChip: new.chip != nil, vectorChecksum: checksum,
            to: &transaction.record)
        try transaction.put(.references, .number(key), transaction.record.bytes, append: true)
        try transaction.put(.members, .member(subject, key), [])
        if let chip = new.chip {
            chip.encode(id: id, to: &transaction.record)
            try transaction.put(.chips, .number(key), transaction.record.bytes, append: true)
        }
        if let digest = new.sourceDigest { try transaction.put(.digests, .digest(digest, key), []) }
    }

    private func erase(_ id: ReferenceID, of subject: SubjectNumber) throws(StoreError) {
        // What lists a reference may be damaged and name any number.
        let key = UInt64(bitPattern: id)
        // A damaged record must not keep its reference from being removed; `repair` drops its digest.
        var digest: [UInt8]?
        if let bytes = try unsafe transaction.get(.references, .number(key)) {
            digest = unsafe ReferenceRecord(id: id, bytes)?.reference.sourceDigest
        }
        var counters = try transaction.counters()
        counters.removals += 1
        var value = RecordBytes()
        value.append(key)
        try transaction.put(.removals, .number(counters.removals), value.bytes, append: true)
        try transaction.delete(.vectors, .number(key))
        try transaction.delete(.references, .number(key))
        if transaction.keepsChips { try transaction.delete(.chips, .number(key)) }
        try transaction.delete(.members, .member(subject, key))
        if let digest { try transaction.delete(.digests, .digest(digest, key)) }
        transaction.setCounters(counters)
    }
}
