internal import GalleryModel
internal import Glibc

/// Tells which templates subjects have already, number for number.
struct TemplateLookup {
    private let transaction: StoreTransaction
    /// The templates of subjects with many references, read once.
    private var known: [SubjectNumber: KnownTemplates] = [:]

    init(_ transaction: StoreTransaction) { self.transaction = transaction }

    /// Whether a subject has a template.
    ///
    /// O(references of the subject), but O(1) from the second question about one with more than sixteen.
    mutating func has(
        _ subject: SubjectNumber, _ template: UnsafeRawBufferPointer
    ) throws(StoreError) -> Bool {
        if let known = known[subject] { return unsafe try known.contains(template, transaction) }
        if let few = try transaction.members(of: subject, atMost: 16) {
            for id in few where try unsafe transaction.hasTemplate(id, template) { return true }
            return false
        }
        var all = KnownTemplates()
        try transaction.forEachMember(of: subject) { id throws(StoreError) in
            if let bytes = try unsafe transaction.get(.vectors, .number(UInt64(bitPattern: id))) {
                unsafe all.add(id, bytes)
            }
        }
        known[subject] = all
        return unsafe try all.contains(template, transaction)
    }

    /// Takes note of a reference that was added to the transaction.
    mutating func added(_ id: ReferenceID, of subject: SubjectNumber, _ template: UnsafeRawBufferPointer) {
        unsafe known[subject]?.add(id, template)
    }
}

/// Which templates one subject has.
private struct KnownTemplates {
    private var ids: [Int: [ReferenceID]] = [:]

    mutating func add(_ id: ReferenceID, _ template: UnsafeRawBufferPointer) {
        ids[unsafe Self.hash(template), default: []].append(id)
    }

    func contains(
        _ template: UnsafeRawBufferPointer, _ transaction: StoreTransaction
    ) throws(StoreError) -> Bool {
        for id in ids[unsafe Self.hash(template)] ?? [] where try unsafe transaction.hasTemplate(id, template) {
            return true
        }
        return false
    }

    private static func hash(_ template: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        unsafe hasher.combine(bytes: template)
        return hasher.finalize()
    }
}

extension StoreTransaction {
    /// Whether a reference has this template, bit for bit.
    fileprivate func hasTemplate(
        _ id: ReferenceID, _ template: UnsafeRawBufferPointer
    ) throws(StoreError) -> Bool {
        guard let bytes = try unsafe get(.vectors, .number(UInt64(bitPattern: id))),
            let own = bytes.baseAddress,
            let other = template.baseAddress
        else { return false }
        return unsafe bytes.count == template.count && memcmp(own, other, bytes.count) == 0
    }
}
