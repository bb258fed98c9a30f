public import GalleryModel

extension TemplateStore {
    /// Rebuilds everything in the store that can be derived from the rest, and verifies.
    ///
    /// References, templates and valid subject records are the source. Rebuilt are: counters, names, subject
    /// records that a name remembers, lists of references, the digest index, missing removals. A reference whose
    /// subject is lost altogether gets a subject `recovered-N`. Templates without a reference are removed.
    /// A damaged template or reference stays, and stays in the report: remove it by its id and enrol it again.
    /// Chips that are damaged or have no reference are removed.
    ///
    /// When `repairs` of the report is not empty, followers of `StorePosition` must rebuild from the start.
    /// - Throws: `damaged` when pages themselves are damaged (restore a copy then); what `write` throws.
    /// - Complexity: O(gallery · log gallery), in one transaction.
    public func repair() throws(StoreError) -> StoreReport {
        let before = try verify()
        if before.isSound { return before }
        if before.subjects == 0, before.references == 0, let problem = before.problems.first,
            try pagesAreDamaged()
        {
            throw .damaged(path: path, reason: "\(problem), which can be repaired only from a copy")
        }
        let repairs = try write { (writer) throws(StoreError) in
            var repair = Repair(writer.transaction)
            try repair.run()
            return repair.done
        }
        var after = try verify()
        after.repairs = repairs
        return after
    }

    private func pagesAreDamaged() throws(StoreError) -> Bool {
        let file = try DataFile(in: environment.folder, path: path)
        return try !PageWalk(file, file.meta(), .untilFault).problems.isEmpty
    }
}

/// One repair, inside one write transaction.
struct Repair {
    let transaction: StoreTransaction
    var done: [String] = []
    private var names: [SubjectNumber: String] = [:]
    private var owners: [(id: UInt64, subject: SubjectNumber, digest: [UInt8]?)] = []
    /// References with damaged records, and the subjects they seem to have.
    private var suspects: [(id: UInt64, subject: SubjectNumber, digest: [UInt8]?)] = []
    private var enrolled = IDSet()
    /// References whose records say that they have a chip.
    private var promised = IDSet()
    /// References whose records cannot be read.
    private var unreadable = IDSet()
    private var highestReference: UInt64 = 0

    init(_ transaction: StoreTransaction) { self.transaction = transaction }

    mutating func run() throws(StoreError) {
        try readReferences()
        try readNames()
        try dropLoneTemplates()
        try rebuildSubjects()
        try rebuild(.members, from: owners.map { .member($0.subject, $0.id) })
        try rebuild(
            .digests,
            from: owners.compactMap { owner in owner.digest.map { .digest($0, owner.id) } })
        for key in try FormerNames.damagedRecords(transaction) {
            try transaction.delete(.meta, .text(key))
            done.append("removed the damaged record '\(key.shown)'")
        }
        try mendChips(promised: promised, unknown: unreadable)
        try rebuildCounters()
    }

    func forEach(
        _ database: Database, _ body: (Cursor.Entry) throws(StoreError) -> Void
    ) throws(StoreError) {
        let cursor = try Cursor(transaction, database)
        var entry = try unsafe cursor.first()
        while let found = unsafe entry {
            try unsafe body(found)
            unsafe entry = try unsafe cursor.next()
        }
    }

    /// Owners of the references whose records can be believed; the others only keep their ids from being reused.
    private mutating func readReferences() throws(StoreError) {
        var owners = owners
        var suspects = owners
        var (enrolled, promised, unreadable) = (enrolled, promised, unreadable)
        try unsafe forEach(.references) { (entry) throws(StoreError) in
            let id = unsafe entry.key.number(0, as: UInt64.self)
            _ = enrolled.insert(id)
            if let record = unsafe ReferenceRecord(id: Int64(bitPattern: id), entry.value) {
                owners.append((id, record.reference.subject, record.reference.sourceDigest))
                if record.reference.hasChip { _ = promised.insert(id) }
                return
            }
            _ = unreadable.insert(id)
            if unsafe entry.value.count >= ReferenceRecord.fixedSize {
                let subject = unsafe entry.value.number(ReferenceRecord.subjectOffset, as: UInt64.self)
                suspects.append((id, subject, nil))
            }
        }
        highestReference = max(owners.last?.id ?? 0, suspects.last?.id ?? 0)
        (self.owners, self.suspects, self.enrolled) = (owners, suspects, enrolled)
        (self.promised, self.unreadable) = (promised, unreadable)
    }

    /// The subjects' own records first, then what the names remember of the others.
    private mutating func readNames() throws(StoreError) {
        var names = names
        try unsafe forEach(.subjects) { (entry) throws(StoreError) in
            let number = unsafe entry.key.number(0, as: UInt64.self)
            if let name = unsafe SubjectRecord.name(number: number, entry.value) { names[number] = name }
        }
        try unsafe forEach(.names) { (entry) throws(StoreError) in
            guard let name = unsafe entry.key.text(0, entry.key.count), unsafe entry.value.count == 8 else {
                return
            }
            let number = unsafe entry.value.number(0, as: UInt64.self)
            if names[number] == nil { names[number] = name }
        }
        self.names = names
        // The subject of a damaged record is believed when there is one of that number.
        owners += suspects.filter { names[$0.subject] != nil }
    }

    private mutating func dropLoneTemplates() throws(StoreError) {
        var lone: [UInt64] = []
        let enrolled = enrolled
        try unsafe forEach(.vectors) { (entry) throws(StoreError) in
            let id = unsafe entry.key.number(0, as: UInt64.self)
            if !enrolled.contains(id) { lone.append(id) }
        }
        for id in lone { try transaction.delete(.vectors, .number(id)) }
        highestReference = max(highestReference, lone.last ?? 0)
        if !lone.isEmpty { done.append("removed \(lone.count) templates that had no reference") }
    }

    private mutating func rebuildSubjects() throws(StoreError) {
        let needed = Set(owners.map(\.subject))
        var taken = Set<[UInt8]>()
        var recovered = 0
        try transaction.clear(.names)
        try transaction.clear(.subjects)
        for number in needed.sorted() {
            var name = names[number] ?? ""
            while name.isEmpty || taken.contains([UInt8](name.utf8)) {
                recovered += 1
                name = "recovered-\(recovered)"
            }
            taken.insert([UInt8](name.utf8))
            try StoreWriter.setName(name, of: number, in: transaction)
        }
        done.append("rebuilt the names of \(needed.count) subjects")
        if recovered > 0 { done.append("named \(recovered) subjects 'recovered-N' whose names were lost") }
    }

    private mutating func rebuild(_ database: Database, from keys: [StoreTransaction.Key]) throws(StoreError) {
        try transaction.clear(database)
        for key in keys { try transaction.put(database, key, []) }
        done.append("rebuilt '\(database.name)' with \(keys.count) records")
    }

    private mutating func rebuildCounters() throws(StoreError) {
        var counters = Counters()
        var countersAreLost = false
        do throws(StoreError) { counters = try transaction.counters() } catch { countersAreLost = true }
        var log: [UInt64] = []
        var logged = IDSet()
        var faults = 0
        let enrolled = enrolled
        try unsafe forEach(.removals) { (entry) throws(StoreError) in
            let id = unsafe entry.value.count == 8 ? entry.value.number(0, as: UInt64.self) : 0
            let isDue = unsafe entry.key.number(0, as: UInt64.self) == UInt64(log.count + faults + 1)
            if id == 0 || enrolled.contains(id) || !logged.insert(id) {
                faults += 1
            } else {
                log.append(id)
                if !isDue { faults += 1 }
            }
        }
        let given = UInt64(owners.count + log.count)
        if countersAreLost {
            // Ids must not be used again, so the highest one seen anywhere counts.
            counters.highestReference = max(highestReference, log.max() ?? 0)
            done.append("made new counters")
        }
        // Each number up to the highest is looked at: a damaged one must not make that endless.
        guard counters.highestReference <= given + 10_000_000 else {
            throw transaction.damaged(
                "ids up to \(counters.highestReference) for \(given) references ever enrolled")
        }
        let valid = log.filter { $0 <= counters.highestReference }
        faults += log.count - valid.count
        var missing: [UInt64] = []
        if counters.highestReference > 0 {
            for id in 1...counters.highestReference where !enrolled.contains(id) && !logged.contains(id) {
                missing.append(id)
            }
        }
        if faults > 0 { try transaction.clear(.removals) }
        for (index, id) in (valid + missing).enumerated() where faults > 0 || index >= valid.count {
            var value = RecordBytes()
            value.append(id)
            try transaction.put(.removals, .number(UInt64(index + 1)), value.bytes)
        }
        if faults > 0 || !missing.isEmpty {
            done.append("rewrote the log of removals: \(faults) faults, \(missing.count) ids missing")
        }
        counters.removals = UInt64(valid.count + missing.count)
        counters.highestSubject = max(counters.highestSubject, owners.map(\.subject).max() ?? 0)
        transaction.setCounters(counters)
    }
}
