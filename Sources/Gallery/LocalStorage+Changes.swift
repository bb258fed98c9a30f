public import TemplateStore

extension LocalStorage {
    /// Names compare byte for byte in the store, where Swift's strings compare by canonical equivalence.
    private struct SourceKey: Hashable {
        let digest: [UInt8]
        let subject: [UInt8]
    }

    /// Adds references in one durable transaction; those whose source the subject has already are left out.
    ///
    /// - Parameter removing: references that others take the place of; those that have gone are passed over.
    public func add(
        _ references: [NewReference], removing: [ReferenceID]
    ) throws(GalleryError) -> [Addition] {
        guard !references.isEmpty || !removing.isEmpty else { return [] }
        return try wrap { () throws(StoreError) in
            try store.write { writer throws(StoreError) in
                var fresh: [NewReference] = []
                var places: [Place] = []
                var batch: [SourceKey: Int] = [:]
                for reference in references {
                    if let digest = reference.sourceDigest {
                        if let id = try writer.reference(withDigest: digest, subject: reference.subject) {
                            places.append(.stored(id))
                            continue
                        }
                        let key = SourceKey(digest: digest, subject: Array(reference.subject.utf8))
                        if let earlier = batch.updateValue(fresh.count, forKey: key) {
                            batch[key] = earlier
                            places.append(.repeated(earlier))
                            continue
                        }
                    }
                    places.append(.fresh(fresh.count))
                    fresh.append(reference)
                }
                let ids = try writer.add(fresh)
                // After what comes in their place, so that no subject is without a reference in between.
                for id in removing where try writer.reference(id) != nil { try writer.remove(reference: id) }
                return places.map { $0.addition(ids) }
            }
        }
    }

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

    /// Where a reference of a batch ends up: in the store before, earlier in the batch, or newly added.
    private enum Place {
        case stored(ReferenceID)
        case repeated(Int)
        case fresh(Int)

        func addition(_ ids: [ReferenceID]) -> Addition {
            switch self {
            case .stored(let id): .present(id)
            case .repeated(let index): .present(ids[index])
            case .fresh(let index): .added(ids[index])
            }
        }
    }

    /// Changes what is noted about references, in one durable transaction; those that have gone are passed over.
    public func update(_ updates: [ReferenceUpdate]) throws(GalleryError) {
        guard !updates.isEmpty else { return }
        try change { writer throws(StoreError) in
            for update in updates where try writer.reference(update.reference) != nil {
                try writer.update(
                    reference: update.reference, metadata: update.metadata, stamp: update.stamp)
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
