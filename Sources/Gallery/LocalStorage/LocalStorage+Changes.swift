public import TemplateStore

extension LocalStorage {
    /// Adds batches of given templates in one durable transaction.
    public func add(_ batches: [TemplateBatch]) throws(GalleryError) -> BatchOutcome {
        guard batches.contains(where: { $0.count > 0 }) else { return BatchOutcome() }
        return try wrap { () throws(StoreError) in
            try store.write { writer throws(StoreError) in
                var outcome = BatchOutcome()
                for batch in batches { outcome = outcome + (try writer.add(batch)) }
                return outcome
            }
        }
    }

    /// What would become of batches; nothing is written.
    public func rehearse(
        _ batches: [TemplateBatch], _ rehearsal: inout BatchRehearsal
    ) throws(GalleryError) -> BatchOutcome {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                var outcome = BatchOutcome()
                for batch in batches { outcome = outcome + (try rehearsal.outcome(of: batch, in: reader)) }
                return outcome
            }
        }
    }

    /// Gives a subject another name, which must be free.
    public func rename(_ subject: String, to name: String) throws(GalleryError) {
        try change { writer throws(StoreError) in try writer.rename(from: subject, to: name) }
    }

    /// Moves all references of one subject to another, and removes the first.
    public func merge(_ subject: String, into target: String) throws(GalleryError) {
        try change { writer throws(StoreError) in _ = try writer.merge(subject, into: target) }
    }

    /// Removes a subject with all its references; returns how many there were.
    public func remove(subject: String) throws(GalleryError) -> Int {
        try change { writer throws(StoreError) in try writer.remove(subject: subject).count }
    }

    /// Removes one reference, and its subject with the last of them.
    public func remove(reference: ReferenceID) throws(GalleryError) {
        try change { writer throws(StoreError) in try writer.remove(reference: reference) }
    }

    private func change<Result>(
        _ body: (inout StoreWriter) throws(StoreError) -> Result
    ) throws(GalleryError) -> Result {
        try wrap { () throws(StoreError) in try store.write(body) }
    }
}
