internal import FoundationEssentials
internal import GalleryModel

/// What a gallery in memory holds; a value.
struct MemoryRecords: Sendable {
    struct Entry: Sendable {
        var reference: Reference
        var template: [Float]
    }

    /// How far the latest import came.
    struct LatestImport: Sendable {
        let export: ExportNumber
        var taken: Int
        /// The highest reference before it began: what it may find present.
        let highestBefore: ReferenceID
    }

    private(set) var references: [ReferenceID: Entry] = [:]
    /// Ids of each subject's references, ascending.
    private(set) var members: [SubjectNumber: [ReferenceID]] = [:]
    private(set) var names: [SubjectNumber: String] = [:]
    /// By the bytes of the name: Swift's strings compare by canonical equivalence.
    private var numbers: [[UInt8]: SubjectNumber] = [:]
    private var highestReference: ReferenceID = 0
    private var highestSubject: SubjectNumber = 0
    private(set) var latestImport: LatestImport?
    /// Who had a name before, by its bytes.
    private var formerNames: [[UInt8]: [SubjectNumber]] = [:]
    var notes: [GalleryNote: [UInt8]] = [:]

    /// The subject that a name means.
    func subject(named name: String) -> SubjectNumber? {
        if let number = numbers[Array(name.utf8)] { return number }
        guard let form = try? SubjectName.canonical(name) else { return nil }
        return numbers[Array(form.utf8)]
    }

    func requireSubject(_ name: String) throws(StoreError) -> SubjectNumber {
        guard let number = subject(named: name) else { throw .unknownSubject(name: name) }
        return number
    }

    func subject(_ number: SubjectNumber) -> Subject? {
        names[number].map {
            Subject(number: number, name: $0, referenceCount: members[number]?.count ?? 0)
        }
    }

    var sortedSubjects: [Subject] {
        numbers.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { subject($0.value) }
    }

    /// The subject that gave up a name last, of those that are there.
    func subject(formerlyNamed name: String) -> SubjectNumber? {
        guard let form = try? SubjectName.canonical(name) else { return nil }
        return formerNames[Array(form.utf8)]?.last { names[$0] != nil }
    }

    private mutating func forget(_ name: String, of number: SubjectNumber) {
        guard let form = try? SubjectName.canonical(name) else { return }
        formerNames[Array(form.utf8), default: []].removeAll { $0 == number }
        formerNames[Array(form.utf8), default: []].append(number)
    }

    /// The lowest reference of any subject with a digest.
    func reference(withDigest digest: [UInt8]) -> Reference? {
        references.values.filter { $0.reference.sourceDigest == digest }.map(\.reference).min { $0.id < $1.id }
    }

    /// The lowest reference of a subject with a digest.
    func reference(withDigest digest: [UInt8], of subject: SubjectNumber) -> ReferenceID? {
        members[subject]?.first { references[$0]?.reference.sourceDigest == digest }
    }

    /// Adds a reference that was checked.
    private mutating func store(_ new: NewReference) -> ReferenceID {
        let number = subject(named: new.subject) ?? newSubject(new.subject)
        highestReference += 1
        let reference = Reference(
            id: highestReference, subject: number, source: new.source, sourceDigest: new.sourceDigest,
            sourceStamp: new.sourceStamp, quality: new.quality, metadata: new.metadata,
            enrolled: new.enrolled ?? Date().timeIntervalSince1970, hasChip: new.chip != nil)
        references[highestReference] = Entry(reference: reference, template: new.template)
        members[number, default: []].append(highestReference)
        return highestReference
    }

    private mutating func newSubject(_ name: String) -> SubjectNumber {
        highestSubject += 1
        setName((try? SubjectName.canonical(name)) ?? name, of: highestSubject)
        return highestSubject
    }

    private mutating func setName(_ name: String, of number: SubjectNumber) {
        if let old = names[number] { numbers[Array(old.utf8)] = nil }
        names[number] = name
        numbers[Array(name.utf8)] = number
    }

    /// Removes a reference, and its subject with the last of them.
    mutating func remove(_ id: ReferenceID) {
        guard let subject = references.removeValue(forKey: id)?.reference.subject else { return }
        members[subject]?.removeAll { $0 == id }
        if members[subject]?.isEmpty == true { removeSubject(subject) }
    }

    private mutating func removeSubject(_ number: SubjectNumber) {
        members[number] = nil
        if let name = names.removeValue(forKey: number) { numbers[Array(name.utf8)] = nil }
    }
}

extension MemoryRecords {
    mutating func change(
        adding additions: [ReferenceAddition], updating updates: [ReferenceUpdate]
    ) -> (additions: [Addition], updates: [UpdateOutcome]) {
        var updated = updates.map { apply($0) }
        var added = additions.map { addAbsent($0) }
        for (place, update) in updates.enumerated() where updated[place] == .updated() {
            updated[place] = .updated(replaced: removeIfThere(update.move?.replaces))
        }
        for (place, addition) in additions.enumerated() {
            guard case .added(let id, _) = added[place] else { continue }
            added[place] = .added(id, replaced: removeIfThere(addition.replaces))
        }
        return (added, updated)
    }

    private mutating func addAbsent(_ addition: ReferenceAddition) -> Addition {
        let new = addition.reference
        guard let digest = new.sourceDigest else { return .added(store(new)) }
        if let number = subject(named: new.subject),
            let id = reference(withDigest: digest, of: number), let known = references[id]
        {
            return .present(id, source: known.reference.source)
        }
        if !addition.mayBeShared, let other = reference(withDigest: digest) {
            return .ofOther(other.id, subject: names[other.subject] ?? "", source: other.source)
        }
        return .added(store(new))
    }

    private mutating func apply(_ update: ReferenceUpdate) -> UpdateOutcome {
        guard var entry = references[update.reference] else { return .gone }
        if let move = update.move, !entry.reference.source.utf8.elementsEqual(move.from.utf8) {
            return .elsewhere(source: entry.reference.source)
        }
        entry.reference.metadata = update.metadata
        entry.reference.sourceStamp = update.stamp
        if let move = update.move { entry.reference.source = move.to }
        references[update.reference] = entry
        return .updated()
    }

    private mutating func removeIfThere(_ found: FoundReference?) -> ReferenceID? {
        guard let found, let known = references[found.reference],
            known.reference.source.utf8.elementsEqual(found.source.utf8)
        else { return nil }
        remove(found.reference)
        return found.reference
    }

    /// Adds a given template unless its subject has it.
    mutating func add(_ new: NewReference) -> BatchOutcome {
        if let number = subject(named: new.subject), has(number, new.template) {
            return BatchOutcome(present: 1)
        }
        _ = store(new)
        return BatchOutcome(added: 1)
    }

    private func has(_ subject: SubjectNumber, _ template: [Float]) -> Bool {
        let bits = template.map(\.bitPattern)
        return members[subject]?.contains { references[$0]?.template.map(\.bitPattern) == bits } ?? false
    }

    mutating func importReferences(
        _ new: [NewReference], of export: ExportNumber, from first: Int
    ) throws(StoreError) -> ImportCounts {
        var latest =
            latestImport.flatMap { $0.export == export ? $0 : nil }
            ?? LatestImport(export: export, taken: 0, highestBefore: highestReference)
        guard 0...latest.taken ~= first else {
            throw .misuse(reason: "reference \(first) of an import comes before reference \(latest.taken)")
        }
        var counts = ImportCounts()
        counts.present = min(latest.taken - first, new.count)
        for reference in new.dropFirst(counts.present) {
            if isPresent(reference, upTo: latest.highestBefore) {
                counts.present += 1
            } else {
                _ = store(reference)
                counts.added += 1
            }
        }
        latest.taken = max(latest.taken, first + new.count)
        latestImport = latest
        return counts
    }

    private func isPresent(_ new: NewReference, upTo highest: ReferenceID) -> Bool {
        guard let number = subject(named: new.subject) else { return false }
        if let digest = new.sourceDigest, let id = reference(withDigest: digest, of: number), id <= highest {
            return true
        }
        let bits = new.template.map(\.bitPattern)
        return (members[number] ?? []).contains { id in
            guard id <= highest, let known = references[id] else { return false }
            return known.reference.source.utf8.elementsEqual(new.source.utf8)
                && known.template.map(\.bitPattern) == bits
        }
    }

    mutating func rename(_ name: String, to new: String) throws(StoreError) {
        let form = try SubjectName.canonical(new)
        let number = try requireSubject(name)
        if let other = subject(named: form), other != number { throw .nameTaken(name: form) }
        if let old = names[number], !old.utf8.elementsEqual(form.utf8) { forget(old, of: number) }
        setName(form, of: number)
    }

    mutating func merge(_ name: String, into target: String) throws(StoreError) -> MergeOutcome {
        let (from, into) = (try requireSubject(name), try requireSubject(target))
        guard from != into else { throw .misuse(reason: "'\(name)' cannot be merged into itself") }
        var outcome = MergeOutcome()
        for id in members[from] ?? [] {
            guard let entry = references[id] else { continue }
            let old = entry.reference
            if let digest = old.sourceDigest, reference(withDigest: digest, of: into) != nil {
                references[id] = nil
                outcome.dropped += 1
                continue
            }
            outcome.moved += 1
            let moved = Reference(
                id: id, subject: into, source: old.source, sourceDigest: old.sourceDigest,
                sourceStamp: old.sourceStamp, quality: old.quality, metadata: old.metadata,
                enrolled: old.enrolled, hasChip: old.hasChip)
            references[id] = Entry(reference: moved, template: entry.template)
            members[into, default: []].append(id)
        }
        members[into]?.sort()
        for (name, numbers) in formerNames { formerNames[name] = numbers.map { $0 == from ? into : $0 } }
        if let old = names[from] { forget(old, of: into) }
        removeSubject(from)
        return outcome
    }
}
