public import GalleryModel
import TemplateStore

extension LocalStorage {
    /// Adds batches of given templates in one durable transaction.
    public func add(_ batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome {
        guard batches.contains(where: { $0.count > 0 }) else { return BatchOutcome() }
        return try store.write { writer throws(StoreError) in
            var outcome = BatchOutcome()
            for batch in batches { outcome = outcome + (try writer.add(batch)) }
            return outcome
        }
    }

    /// A rehearsal of what `add` would do with batches.
    public func rehearsal() -> any BatchRehearsing { LocalRehearsal(store: store) }

    /// Gives a subject another name, which must be free.
    public func rename(_ subject: String, to name: String) throws(StoreError) {
        try store.write { writer throws(StoreError) in try writer.rename(from: subject, to: name) }
    }

    /// Moves all references of one subject to another, and removes the first.
    @discardableResult
    public func merge(_ subject: String, into target: String) throws(StoreError) -> MergeOutcome {
        try store.write { writer throws(StoreError) in try writer.merge(subject, into: target) }
    }

    /// Keeps a note; `nil` removes it.
    public func keep(_ bytes: [UInt8]?, as note: GalleryNote) throws(StoreError) {
        try store.write { writer throws(StoreError) in try writer.keep(bytes, as: note) }
    }

    /// Removes a subject with all its references; returns how many there were.
    public func remove(subject: String) throws(StoreError) -> Int {
        try store.write { writer throws(StoreError) in try writer.remove(subject: subject).count }
    }

    /// Removes one reference, and its subject with the last of them.
    public func remove(reference: ReferenceID) throws(StoreError) {
        try store.write { writer throws(StoreError) in try writer.remove(reference: reference) }
    }
}

/// Rehearses batches on what the store holds at the time.
private struct LocalRehearsal: BatchRehearsing {
    let store: TemplateStore
    private var rehearsal = StoreRehearsal()

    init(store: TemplateStore) { self.store = store }

    mutating func outcome(of batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome {
        // Taken out first, so that what it knows is not copied.
        var rehearsal = exchange(&self.rehearsal, with: StoreRehearsal())
        defer { self.rehearsal = rehearsal }
        return try store.read { reader throws(StoreError) in
            var outcome = BatchOutcome()
            for batch in batches { outcome = outcome + (try rehearsal.outcome(of: batch, in: reader)) }
            return outcome
        }
    }
}
