public import GalleryModel

extension StoreWriter {
    /// Enrols the references of a batch in order, but none whose subject has the same template already.
    ///
    /// So a job that was interrupted can be run again. Ids ascend from the highest so far. Subjects that do not exist
    /// are created. The references carry no digest and no quality.
    /// - Throws: `misuse` for a batch of another dimension.
    /// - Complexity: O(log gallery) each; a reference of a subject that exists costs O(references of the subject) on
    ///   top, or O(1) from its seventeenth in one batch on.
    public mutating func add(_ batch: TemplateBatch) throws(StoreError) -> BatchOutcome {
        try batch.requireDimension(transaction.environment.settings.dimension)
        var job = try BatchJob(transaction, origin: batch.origin)
        try unsafe batch.forEach { template, name, row throws(StoreError) in
            try unsafe job.add(template: template, subject: name, row: row)
        }
        transaction.setCounters(job.counters)
        return job.outcome
    }
}

/// One batch on its way into a transaction.
@safe private struct BatchJob {
    private let transaction: StoreTransaction
    private let enrolled: Double
    private let origin: [UInt8]
    private(set) var counters: Counters
    private(set) var outcome = BatchOutcome()
    private var lookup: TemplateLookup
    // Safe: is in the batch, which outlives this.
    private var lastName: UnsafeRawBufferPointer?
    private var lastSubject: SubjectNumber = 0

    init(_ transaction: StoreTransaction, origin: String) throws(StoreError) {
        self.transaction = transaction
        self.origin = Array(origin.utf8)
        lookup = TemplateLookup(transaction)
        enrolled = StoreWriter.now()
        counters = try transaction.counters()
    }

    mutating func add(
        template: UnsafeRawBufferPointer, subject name: UnsafeRawBufferPointer, row: Int
    ) throws(StoreError) {
        let (subject, isNew) = try unsafe self.subject(name)
        if !isNew, try unsafe lookup.has(subject, template) {
            outcome.present += 1
            return
        }
        counters.highestReference += 1
        let key = counters.highestReference
        let id = Int64(bitPattern: key)
        try unsafe transaction.put(.vectors, .number(key), template, append: true)
        let checksum = unsafe vectorChecksum(id, template)
        ReferenceRecord.encode(
            id: id, subject: subject, enrolled: enrolled, origin: origin, row: row, vectorChecksum: checksum,
            to: &transaction.record)
        try transaction.put(.references, .number(key), transaction.record.bytes, append: true)
        // The latest subject's members stand behind all others'.
        try transaction.put(
            .members, .member(subject, key), [], append: subject == counters.highestSubject)
        unsafe lookup.added(id, of: subject, template)
        outcome.added += 1
    }

    /// The number of a subject, and whether it is new.
    private mutating func subject(_ name: UnsafeRawBufferPointer) throws(StoreError) -> (SubjectNumber, Bool) {
        // References of one subject come in runs.
        if let lastName = unsafe lastName, unsafe lastName.elementsEqual(name) { return (lastSubject, false) }
        unsafe lastName = name
        if unsafe SubjectName.isPlain(name) { return try unsafe enrolled(name) }
        let form = Array(try transaction.enrolledName(unsafe String(decoding: name, as: UTF8.self)).utf8)
        return try unsafe form.withUnsafeBufferPointer { form throws(StoreError) in
            try unsafe enrolled(UnsafeRawBufferPointer(form))
        }
    }

    /// The number of the subject that has a name byte for byte, and whether it is new.
    private mutating func enrolled(_ name: UnsafeRawBufferPointer) throws(StoreError) -> (SubjectNumber, Bool) {
        let next = counters.highestSubject + 1
        if let bytes = try unsafe transaction.putNew(.names, .bytes(name), next) {
            lastSubject = try unsafe transaction.subjectNumber(in: bytes, of: .bytes(name))
            return (lastSubject, false)
        }
        counters.highestSubject = next
        lastSubject = next
        unsafe SubjectRecord.encode(number: next, name: name, to: &transaction.record)
        try transaction.put(.subjects, .number(next), transaction.record.bytes, append: true)
        return (next, true)
    }
}
