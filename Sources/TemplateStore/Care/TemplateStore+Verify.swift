public import GalleryModel

extension TemplateStore {
    /// Reads the whole gallery and reports everything that is wrong with it.
    ///
    /// Looks at every page LMDB uses, every record and its checksum, every template's checksum and length,
    /// every relation in both directions (name and subject, subject and reference, digest and reference,
    /// removal and reference) and every count. When pages are damaged it stops there: LMDB could not walk them.
    /// Reads one snapshot, waits for nobody. Memory: 2 bits per page and 2 bits per id.
    /// - Throws: `io`, `busy`, `tooManyReaders`; what is wrong with the gallery is in the report.
    /// - Complexity: O(gallery), every page is read about twice.
    public func verify() throws(StoreError) -> StoreReport {
        for _ in 1...10 {
            let report: StoreReport? = try read { (reader) throws(StoreError) in
                // The walk must see the snapshot this transaction pins, not one that was committed meanwhile.
                let file = try DataFile(in: environment.folder, path: path)
                let meta = try file.meta()
                guard meta.transaction == reader.revision else { return nil }
                let walk = try PageWalk(file, meta, .everything)
                var report = StoreReport()
                report.pages = walk.pagesInUse
                for problem in walk.problems { report.note(problem, remedy: .copy) }
                if walk.problems.isEmpty { try Verification.run(reader.transaction, &report) }
                return report
            }
            if let report { return report }
        }
        throw .busy(path: path, reason: "others write to it so often that no state of it could be checked")
    }
}

/// The checks of records, once the pages under them are sound.
enum Verification {
    static func run(_ transaction: StoreTransaction, _ report: inout StoreReport) throws(StoreError) {
        let counters: Counters
        do throws(StoreError) { counters = try transaction.counters() } catch {
            report.note("the counters record is damaged")
            return
        }
        try notes(transaction, &report)
        try subjects(transaction, counters, &report)
        try names(transaction, &report)
        try references(transaction, counters, &report)
        try members(transaction, &report)
        try digests(transaction, &report)
        try removals(transaction, counters, &report)
        if transaction.keepsChips { try chips(transaction, &report) }
    }

    /// Calls `body` with each record and checks that the keys ascend and have their size.
    static func each(
        _ transaction: StoreTransaction, _ database: Database, _ report: inout StoreReport,
        _ body: (Cursor.Entry, inout StoreReport) throws(StoreError) -> Void
    ) throws(StoreError) -> Int {
        let cursor = try Cursor(transaction, database)
        var entry = try unsafe cursor.first()
        var previous: [UInt8]?
        var count = 0
        while let (key, value) = unsafe entry {
            count += 1
            if let size = database.keySize, key.count != size {
                report.note("\(database.name): a key has \(key.count) bytes instead of \(size)")
            } else {
                // Numbers are little-endian: turned around they compare as bytes do.
                let bytes = unsafe database.flags == 0 ? [UInt8](key) : [UInt8](key.reversed())
                if let previous, !previous.lexicographicallyPrecedes(bytes) {
                    report.note("\(database.name): keys are out of order at record \(count)")
                }
                previous = bytes
                try unsafe body((key, value), &report)
            }
            unsafe entry = try unsafe cursor.next()
        }
        return count
    }

    private static func notes(_ transaction: StoreTransaction, _ report: inout StoreReport) throws(StoreError) {
        for key in try FormerNames.damagedRecords(transaction) {
            report.note("the record '\(key.shown)' of its settings fails its checksum")
        }
    }

    private static func subjects(
        _ transaction: StoreTransaction, _ counters: Counters, _ report: inout StoreReport
    ) throws(StoreError) {
        report.subjects = try unsafe each(transaction, .subjects, &report) {
            (entry, report) throws(StoreError) in
            let number = unsafe entry.key.number(0, as: UInt64.self)
            if number == 0 || number > counters.highestSubject {
                report.note("subject \(number) is above the counter \(counters.highestSubject)")
            }
            guard let name = unsafe SubjectRecord.name(number: number, entry.value) else {
                report.note("the record of subject \(number) fails its checksum")
                return
            }
            if let damage = SubjectName.damage(of: name) {
                report.note("subject \(number): '\(name.shown)' cannot name a subject: \(damage)")
            }
            let listed = try unsafe transaction.get(.names, .text(name))
            if unsafe listed?.count != 8 || listed?.number(0, as: UInt64.self) != number {
                report.note("subject \(number) '\(name.shown)' is not found by its name")
            }
            var members = 0
            try transaction.forEachMember(of: number) { _ in members += 1 }
            if members == 0 { report.note("subject \(number) '\(name.shown)' has no reference") }
        }
    }

    private static func names(_ transaction: StoreTransaction, _ report: inout StoreReport) throws(StoreError) {
        let count = try unsafe each(transaction, .names, &report) { (entry, report) throws(StoreError) in
            let name = unsafe entry.key.text(0, entry.key.count)
            guard let name, unsafe entry.value.count == 8 else {
                report.note("a name is not UTF-8, or has no subject number")
                return
            }
            let number = unsafe entry.value.number(0, as: UInt64.self)
            let record = try unsafe transaction.get(.subjects, .number(number))
            if unsafe record == nil {
                report.note("the name '\(name.shown)' belongs to subject \(number), which does not exist")
            }
        }
        if count != report.subjects { report.note("there are \(count) names for \(report.subjects) subjects") }
    }

    private static func references(
        _ transaction: StoreTransaction, _ counters: Counters, _ report: inout StoreReport
    ) throws(StoreError) {
        let dimension = transaction.environment.settings.dimension
        report.references = try unsafe each(transaction, .references, &report) {
            (entry, report) throws(StoreError) in
            let key = unsafe entry.key.number(0, as: UInt64.self)
            let id = Int64(bitPattern: key)
            if key == 0 || key > counters.highestReference || id < 0 {
                report.note("reference \(key) is above the counter \(counters.highestReference)")
                return
            }
            guard let record = unsafe ReferenceRecord(id: id, entry.value) else {
                report.note("the record of reference \(id) fails its checksum", remedy: .enrolAgain)
                return
            }
            let subject = record.reference.subject
            if try unsafe transaction.get(.subjects, .number(subject)) == nil {
                report.note("reference \(id) belongs to subject \(subject), which does not exist")
            }
            if try unsafe transaction.get(.members, .member(subject, key)) == nil {
                report.note("reference \(id) is not listed with its subject \(subject)")
            }
            if let digest = record.reference.sourceDigest,
                try unsafe transaction.get(.digests, .digest(digest, key)) == nil
            {
                report.note("reference \(id) is not found by its digest")
            }
            if record.reference.hasChip, try !transaction.hasChip(id) {
                report.note("reference \(id) has lost its chip")
            }
            guard let bytes = try unsafe transaction.get(.vectors, .number(key)) else {
                report.note("reference \(id) has no template", remedy: .enrolAgain)
                return
            }
            if unsafe vectorChecksum(id, bytes) != record.vectorChecksum {
                report.note("the template of reference \(id) fails its checksum", remedy: .enrolAgain)
            } else {
                var floats: [Float] = []
                if bytes.count == dimension * 4 {
                    floats = try unsafe transaction.withFloats(id, bytes) { floats in unsafe [Float](floats) }
                }
                do throws(VectorProblem) { try UnitVector.check(floats.span, dimension: dimension) } catch {
                    report.note("the template of reference \(id): \(error)", remedy: .enrolAgain)
                }
            }
        }
        let vectors = try unsafe each(transaction, .vectors, &report) { (entry, report) throws(StoreError) in
            let id = unsafe entry.key.number(0, as: UInt64.self)
            let record = try unsafe transaction.get(.references, .number(id))
            if unsafe record == nil { report.note("template \(id) has no reference") }
        }
        if vectors != report.references {
            report.note("there are \(vectors) templates for \(report.references) references")
        }
    }

    private static func members(_ transaction: StoreTransaction, _ report: inout StoreReport) throws(StoreError)
    {
        _ = try unsafe each(transaction, .members, &report) { (entry, report) throws(StoreError) in
            let subject = UInt64(bigEndian: unsafe entry.key.number(0, as: UInt64.self))
            let id = UInt64(bigEndian: unsafe entry.key.number(8, as: UInt64.self))
            guard let bytes = try unsafe transaction.get(.references, .number(id)),
                bytes.count >= ReferenceRecord.fixedSize,
                unsafe bytes.number(ReferenceRecord.subjectOffset, as: UInt64.self) == subject
            else {
                report.note("subject \(subject) lists reference \(id), which is not its own")
                return
            }
        }
    }

    private static func digests(_ transaction: StoreTransaction, _ report: inout StoreReport) throws(StoreError)
    {
        _ = try unsafe each(transaction, .digests, &report) { (entry, report) throws(StoreError) in
            let digest = unsafe [UInt8](entry.key.slice(0, NewReference.digestSize))
            let id = UInt64(bigEndian: unsafe entry.key.number(NewReference.digestSize, as: UInt64.self))
            let bytes = try unsafe transaction.get(.references, .number(id))
            let found = unsafe bytes.flatMap { unsafe ReferenceRecord(id: Int64(bitPattern: id), $0) }
            if found?.reference.sourceDigest != digest {
                report.note("a digest is listed for reference \(id), which has another digest or none")
            }
        }
    }

    /// Every id up to the highest is either enrolled or in the log, once.
    private static func removals(
        _ transaction: StoreTransaction, _ counters: Counters, _ report: inout StoreReport
    ) throws(StoreError) {
        var seen = IDSet()
        var expected: UInt64 = 1
        let count = try unsafe each(transaction, .removals, &report) { (entry, report) throws(StoreError) in
            let number = unsafe entry.key.number(0, as: UInt64.self)
            if number != expected {
                report.note("the log of removals has number \(number) instead of \(expected)")
            }
            expected = number &+ 1
            guard unsafe entry.value.count == 8 else {
                report.note("removal \(number) names no reference")
                return
            }
            let id = unsafe entry.value.number(0, as: UInt64.self)
            if id == 0 || id > counters.highestReference {
                report.note("removal \(number) names reference \(id), which was never enrolled")
            } else if try unsafe transaction.get(.references, .number(id)) != nil {
                report.note("removal \(number) names reference \(id), which is enrolled")
            } else if !seen.insert(id) {
                report.note("reference \(id) is in the log of removals twice")
            }
        }
        report.removals = count
        if UInt64(count) != counters.removals {
            report.note("there are \(count) removals, but the counter says \(counters.removals)")
        }
        if UInt64(count) + UInt64(report.references) != counters.highestReference {
            report.note(
                "\(report.references) references and \(count) removals do not add up to the \(counters.highestReference) ids given"
            )
        }
    }
}

/// A set of ids that were given in sequence: one bit each, in pieces that exist only where ids do.
struct IDSet {
    private var words: [UInt64: UInt64] = [:]

    /// Adds `id`; false when it was there already.
    mutating func insert(_ id: UInt64) -> Bool {
        let bit = UInt64(1) << (id % 64)
        if words[id / 64, default: 0] & bit != 0 { return false }
        words[id / 64, default: 0] |= bit
        return true
    }

    func contains(_ id: UInt64) -> Bool { (words[id / 64] ?? 0) >> (id % 64) & 1 == 1 }
}
