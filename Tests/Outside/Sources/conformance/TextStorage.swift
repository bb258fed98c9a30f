import Concurrency
import Foundation
import GalleryModel
import Synchronization

/// A storage of somebody else's, written from `docs/swift.md` alone: one list of rows, in the order of enrolment.
final class TextStorage: GalleryStorage {
    let settings: StoreSettings
    private let rows = Mutex(Rows())

    init(_ settings: StoreSettings) throws(StoreError) {
        try settings.check()
        self.settings = settings
    }

    func read<Answer>(
        _ question: (any GalleryReading) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer { try question(State(rows: now, settings: settings)) }

    func search<Answer>(
        _ question: (any GallerySearching) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer { try question(State(rows: now, settings: settings)) }

    func forEachSubject(_ body: (Subject) throws -> Void) throws {
        let rows = now
        for (_, number) in rows.subjects.map({ (Array($0.value.utf8), $0.key) })
            .sorted(by: { $0.0.lexicographicallyPrecedes($1.0) })
        {
            if let subject = rows.subject(number) { try body(subject) }
        }
    }

    func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws {
        let rows = now
        try begin(rows.list.count)
        for row in rows.list {
            try body(row.reference, rows.subjects[row.reference.subject] ?? "", row.template)
        }
    }

    func size() -> GallerySize {
        let rows = now
        return GallerySize(subjects: rows.subjects.count, references: rows.list.count)
    }

    private var now: Rows { rows.withLock { $0 } }

    /// Changes a copy, and keeps it if all went well.
    private func change<Result>(
        _ body: (inout Rows) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try rows.withLock { rows throws(StoreError) in
            var copy = rows
            let result = try body(&copy)
            rows = copy
            return result
        }
    }

    func change(
        adding additions: [ReferenceAddition], updating updates: [ReferenceUpdate]
    ) throws(StoreError) -> (additions: [Addition], updates: [UpdateOutcome]) {
        try change { rows throws(StoreError) in
            for (item, new) in additions.enumerated() { try new.reference.check(for: settings, item: item) }
            var updated: [UpdateOutcome] = []
            for update in updates {
                try NewReference.check(metadata: update.metadata)
                updated.append(rows.apply(update))
            }
            var added = additions.map { rows.addAbsent($0) }
            for (place, update) in updates.enumerated() where updated[place] == .updated() {
                updated[place] = .updated(replaced: rows.removeIfThere(update.move?.replaces))
            }
            for (place, addition) in additions.enumerated() {
                if case .added(let id, _) = added[place] {
                    added[place] = .added(id, replaced: rows.removeIfThere(addition.replaces))
                }
            }
            return (added, updated)
        }
    }

    func add(_ batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome {
        try change { rows throws(StoreError) in try rows.add(batches, dimension: settings.dimension) }
    }

    func rehearsal() -> any BatchRehearsing { Rehearsal(rows: now, dimension: settings.dimension) }

    func importReferences(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        try change { rows throws(StoreError) in
            for (item, new) in references.enumerated() { try new.check(for: settings, item: item) }
            return try rows.take(references, of: export, from: first)
        }
    }

    func importedCount(of export: ExportNumber) -> Int {
        let latest = now.latest
        return latest?.export == export ? latest?.taken ?? 0 : 0
    }

    func rename(_ subject: String, to name: String) throws(StoreError) {
        try change { rows throws(StoreError) in
            let form = try SubjectName.canonical(name)
            let number = try rows.number(of: subject)
            if let other = rows.find(form), other != number { throw .nameTaken(name: form) }
            rows.giveUp(rows.subjects[number], of: number, unless: form)
            rows.subjects[number] = form
        }
    }

    func merge(_ subject: String, into target: String) throws(StoreError) -> MergeOutcome {
        try change { rows throws(StoreError) in
            let (from, into) = (try rows.number(of: subject), try rows.number(of: target))
            guard from != into else { throw .misuse(reason: "one subject cannot be merged into itself") }
            let digests = Set(
                rows.list.filter { $0.reference.subject == into }.compactMap(\.reference.sourceDigest))
            let before = rows.list.count
            rows.list.removeAll { row in
                row.reference.subject == from && row.reference.sourceDigest.map(digests.contains) == true
            }
            var outcome = MergeOutcome(dropped: before - rows.list.count)
            for place in rows.list.indices where rows.list[place].reference.subject == from {
                rows.list[place].move(to: into)
                outcome.moved += 1
            }
            for place in rows.formerNames.indices where rows.formerNames[place].subject == from {
                rows.formerNames[place].subject = into
            }
            rows.giveUp(rows.subjects[from], of: into)
            rows.subjects[from] = nil
            return outcome
        }
    }

    func keep(_ bytes: [UInt8]?, as note: GalleryNote) throws(StoreError) {
        try note.check(bytes)
        try change { rows in rows.notes[note] = bytes }
    }

    func remove(subject: String) throws(StoreError) -> Int {
        try change { rows throws(StoreError) in
            let number = try rows.number(of: subject)
            let ids = rows.list.filter { $0.reference.subject == number }.map(\.reference.id)
            for id in ids { rows.remove(id) }
            return ids.count
        }
    }

    func remove(reference: ReferenceID) throws(StoreError) {
        try change { rows throws(StoreError) in
            if !rows.remove(reference) { throw .unknownReference(id: reference) }
        }
    }
}

private struct Rehearsal: BatchRehearsing {
    var rows: Rows
    let dimension: Int

    mutating func outcome(of batches: [TemplateBatch]) throws(StoreError) -> BatchOutcome {
        try rows.add(batches, dimension: dimension)
    }
}
