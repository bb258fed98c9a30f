import Foundation
import GalleryModel

/// A reference with its template.
struct Row: Sendable {
    var reference: Reference
    let template: [Float]

    mutating func move(to subject: SubjectNumber) {
        let old = reference
        reference = Reference(
            id: old.id, subject: subject, source: old.source, sourceDigest: old.sourceDigest,
            sourceStamp: old.sourceStamp, quality: old.quality, metadata: old.metadata, enrolled: old.enrolled)
    }
}

/// Everything that is stored; a value, so that a question keeps the state it began with.
struct Rows: Sendable {
    /// In ascending id.
    var list: [Row] = []
    var subjects: [SubjectNumber: String] = [:]
    /// Names that were given up, the last one last.
    var formerNames: [(name: String, subject: SubjectNumber)] = []
    var notes: [GalleryNote: [UInt8]] = [:]
    private var lastID: ReferenceID = 0
    private var lastSubject: SubjectNumber = 0
    private(set) var latest: (export: ExportNumber, taken: Int, highestBefore: ReferenceID)?

    func find(_ name: String) -> SubjectNumber? {
        for form in [name, (try? SubjectName.canonical(name)) ?? name] {
            if let found = subjects.first(where: { $0.value.utf8.elementsEqual(form.utf8) }) {
                return found.key
            }
        }
        return nil
    }

    func number(of name: String) throws(StoreError) -> SubjectNumber {
        guard let number = find(name) else { throw .unknownSubject(name: name) }
        return number
    }

    func subject(_ number: SubjectNumber) -> Subject? {
        subjects[number].map { name in
            Subject(number: number, name: name, referenceCount: list.count { $0.reference.subject == number })
        }
    }

    mutating func store(_ new: NewReference) -> ReferenceID {
        let subject: SubjectNumber
        if let known = find(new.subject) {
            subject = known
        } else {
            lastSubject += 1
            subject = lastSubject
            subjects[subject] = (try? SubjectName.canonical(new.subject)) ?? new.subject
        }
        lastID += 1
        list.append(
            Row(
                reference: Reference(
                    id: lastID, subject: subject, source: new.source, sourceDigest: new.sourceDigest,
                    sourceStamp: new.sourceStamp, quality: new.quality, metadata: new.metadata,
                    enrolled: new.enrolled ?? Date().timeIntervalSince1970),
                template: new.template))
        return lastID
    }

    /// Remembers that a subject had a name, which is not the one that it gets.
    mutating func giveUp(_ name: String?, of subject: SubjectNumber, unless new: String? = nil) {
        guard let name, name != new else { return }
        formerNames.removeAll { $0.name == name && $0.subject == subject }
        formerNames.append((name, subject))
    }

    mutating func addAbsent(_ addition: ReferenceAddition) -> Addition {
        let new = addition.reference
        guard let digest = new.sourceDigest else { return .added(store(new)) }
        let subject = find(new.subject)
        if let known = list.first(where: {
            $0.reference.subject == subject && $0.reference.sourceDigest == digest
        }) {
            return .present(known.reference.id, source: known.reference.source)
        }
        if !addition.mayBeShared, let other = list.first(where: { $0.reference.sourceDigest == digest }) {
            let name = subjects[other.reference.subject] ?? ""
            return .ofOther(other.reference.id, subject: name, source: other.reference.source)
        }
        return .added(store(new))
    }

    mutating func apply(_ update: ReferenceUpdate) -> UpdateOutcome {
        guard let place = list.firstIndex(where: { $0.reference.id == update.reference }) else { return .gone }
        if let move = update.move, move.from != list[place].reference.source {
            return .elsewhere(source: list[place].reference.source)
        }
        list[place].reference.metadata = update.metadata
        list[place].reference.sourceStamp = update.stamp
        if let move = update.move { list[place].reference.source = move.to }
        return .updated()
    }

    mutating func removeIfThere(_ found: FoundReference?) -> ReferenceID? {
        guard let found,
            list.contains(where: { $0.reference.id == found.reference && $0.reference.source == found.source })
        else { return nil }
        remove(found.reference)
        return found.reference
    }

    @discardableResult
    mutating func remove(_ id: ReferenceID) -> Bool {
        guard let place = list.firstIndex(where: { $0.reference.id == id }) else { return false }
        let subject = list.remove(at: place).reference.subject
        if !list.contains(where: { $0.reference.subject == subject }) { subjects[subject] = nil }
        return true
    }

    mutating func add(_ batches: [TemplateBatch], dimension: Int) throws(StoreError) -> BatchOutcome {
        for batch in batches { try batch.requireDimension(dimension) }
        var outcome = BatchOutcome()
        for batch in batches {
            for item in 0..<batch.count {
                let new = batch[item]
                if let subject = find(new.subject),
                    list.contains(where: { $0.reference.subject == subject && $0.template == new.template })
                {
                    outcome.present += 1
                } else {
                    _ = store(new)
                    outcome.added += 1
                }
            }
        }
        return outcome
    }

    mutating func take(
        _ references: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        let new = (export: export, taken: 0, highestBefore: lastID)
        var mark = latest.flatMap { $0.export == export ? $0 : nil } ?? new
        guard 0...mark.taken ~= first else {
            throw .misuse(reason: "a part of the import is missing before it")
        }
        var counts = ImportCounts()
        counts.present = min(mark.taken - first, references.count)
        for reference in references.dropFirst(counts.present) {
            if isPresent(reference, upTo: mark.highestBefore) {
                counts.present += 1
            } else {
                _ = store(reference)
                counts.added += 1
            }
        }
        mark.taken = max(mark.taken, first + references.count)
        latest = mark
        return counts
    }

    private func isPresent(_ new: NewReference, upTo highest: ReferenceID) -> Bool {
        guard let subject = find(new.subject) else { return false }
        return list.contains { row in
            row.reference.subject == subject && row.reference.id <= highest
                && (row.reference.source == new.source && row.template == new.template
                    || new.sourceDigest != nil && row.reference.sourceDigest == new.sourceDigest)
        }
    }
}
