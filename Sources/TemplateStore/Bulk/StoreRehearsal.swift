public import GalleryModel

/// Tells what would be the outcome of batches, without writing them: for dry runs.
///
/// A value, used by one thread at a time. Memory: some 16 bytes per reference that would be added.
public struct StoreRehearsal: Sendable {
    /// Subject and template of what would be added so far, hashed.
    private var accepted: Set<Int> = []

    /// One that has seen no batch yet.
    public init() {}

    /// What would become of a batch behind those before it.
    ///
    /// - Throws: as `StoreWriter.add`.
    /// - Complexity: as `StoreWriter.add`.
    public mutating func outcome(
        of batch: TemplateBatch, in reader: borrowing StoreReader
    ) throws(StoreError) -> BatchOutcome {
        let transaction = reader.transaction
        try batch.requireDimension(transaction.environment.settings.dimension)
        var lookup = TemplateLookup(transaction)
        var outcome = BatchOutcome()
        try unsafe batch.forEach { template, name, _ throws(StoreError) in
            let form: [UInt8] =
                if unsafe SubjectName.isPlain(name) {
                    unsafe Array(name)
                } else {
                    Array(try transaction.enrolledName(unsafe String(decoding: name, as: UTF8.self)).utf8)
                }
            let subject = try unsafe form.withUnsafeBufferPointer { form throws(StoreError) in
                try unsafe transaction.subjectNumber(.bytes(UnsafeRawBufferPointer(form)))
            }
            if let subject, try unsafe lookup.has(subject, template) {
                outcome.present += 1
                return
            }
            var hasher = Hasher()
            hasher.combine(form)
            unsafe hasher.combine(bytes: template)
            if accepted.insert(hasher.finalize()).inserted { outcome.added += 1 } else { outcome.present += 1 }
        }
        return outcome
    }
}
