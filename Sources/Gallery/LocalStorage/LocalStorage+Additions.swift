public import GalleryModel
import TemplateStore

extension LocalStorage {
    /// Updates and adds references in one durable transaction, in this order.
    public func change(
        adding additions: [ReferenceAddition], updating updates: [ReferenceUpdate]
    ) throws(StoreError) -> (additions: [Addition], updates: [UpdateOutcome]) {
        guard !additions.isEmpty || !updates.isEmpty else { return ([], []) }
        return try store.write { writer throws(StoreError) in
            // Moved first: a reference whose photo is elsewhere now is not removed with its old place.
            var updated = try updates.map { update throws(StoreError) in try writer.apply(update) }
            var added = try writer.addAbsent(additions, settings)
            // After what replaces them, so that no subject is without a reference in between.
            for (index, update) in updates.enumerated() where updated[index] == .updated() {
                updated[index] = .updated(replaced: try writer.removeIfThere(update.move?.replaces))
            }
            for (index, addition) in additions.enumerated() {
                guard case .added(let id, _) = added[index] else { continue }
                added[index] = .added(id, replaced: try writer.removeIfThere(addition.replaces))
            }
            return (added, updated)
        }
    }
}

extension StoreWriter {
    /// Names compare byte for byte in the store, where Swift's strings compare by canonical equivalence.
    private struct SourceKey: Hashable {
        let digest: [UInt8]
        let subject: [UInt8]
    }

    /// Where a reference of a batch ends up: in the store before, earlier in the batch, or newly added.
    private enum Place {
        case stored(ReferenceID, source: String)
        case ofOther(ReferenceID, subject: String, source: String)
        case ofOtherFresh(Int)
        case repeated(Int)
        case fresh(Int)
    }

    fileprivate mutating func apply(_ update: ReferenceUpdate) throws(StoreError) -> UpdateOutcome {
        guard let known = try reference(update.reference) else { return .gone }
        if let move = update.move, !known.source.utf8.elementsEqual(move.from.utf8) {
            return .elsewhere(source: known.source)
        }
        try self.update(
            reference: update.reference, metadata: update.metadata, stamp: update.stamp,
            source: update.move?.to)
        return .updated()
    }

    /// Adds references but those whose digest the subject has already.
    fileprivate mutating func addAbsent(
        _ additions: [ReferenceAddition], _ settings: StoreSettings
    ) throws(StoreError) -> [Addition] {
        var fresh: [NewReference] = []
        var places: [Place] = []
        var batch: [SourceKey: Int] = [:]
        var batchDigests: [[UInt8]: Int] = [:]
        for (item, addition) in additions.enumerated() {
            let new = addition.reference
            if let digest = new.sourceDigest {
                if let id = try reference(withDigest: digest, subject: new.subject) {
                    places.append(.stored(id, source: try reference(id)?.source ?? ""))
                    continue
                }
                let key = SourceKey(digest: digest, subject: Array(try enrolledName(of: new.subject).utf8))
                if let earlier = batch.updateValue(fresh.count, forKey: key) {
                    batch[key] = earlier
                    // Not added, and refused nevertheless where it could not be.
                    try new.check(for: settings, item: item)
                    places.append(.repeated(earlier))
                    continue
                }
                if !addition.mayBeShared {
                    if let other = try other(withDigest: digest) {
                        batch[key] = nil
                        places.append(other)
                        continue
                    }
                    if let earlier = batchDigests[digest] {
                        batch[key] = nil
                        places.append(.ofOtherFresh(earlier))
                        continue
                    }
                }
                batchDigests[digest] = batchDigests[digest] ?? fresh.count
            }
            places.append(.fresh(fresh.count))
            fresh.append(new)
        }
        let ids = try add(fresh)
        return places.map { place in
            switch place {
            case .stored(let id, let source): .present(id, source: source)
            case .ofOther(let id, let subject, let source): .ofOther(id, subject: subject, source: source)
            case .ofOtherFresh(let index):
                .ofOther(ids[index], subject: fresh[index].subject, source: fresh[index].source)
            case .repeated(let index): .present(ids[index], source: fresh[index].source)
            case .fresh(let index): .added(ids[index])
            }
        }
    }

    /// The reference of any subject that has a digest.
    private func other(withDigest digest: [UInt8]) throws(StoreError) -> Place? {
        guard let id = try reference(withDigest: digest), let known = try reference(id) else { return nil }
        return .ofOther(id, subject: try subjectName(known.subject) ?? "", source: known.source)
    }

    /// Removes a reference that has the source it was found with; returns its id, nil if it stays or has gone.
    fileprivate mutating func removeIfThere(_ found: FoundReference?) throws(StoreError) -> ReferenceID? {
        guard let found, let known = try reference(found.reference),
            known.source.utf8.elementsEqual(found.source.utf8)
        else { return nil }
        try remove(reference: found.reference)
        return found.reference
    }
}
