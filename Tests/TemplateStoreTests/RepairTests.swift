import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("verifying and repairing")
struct RepairTests {
    /// 40 references of 10 subjects, every fifth with a digest, 3 removed.
    private func filled() throws -> (TestGallery, TemplateStore) {
        let gallery = try TestGallery()
        let store = try gallery.open()
        try store.write { (writer) throws(StoreError) in
            let batch = (0..<40).map { (i) -> NewReference in
                newReference(
                    "s\(i % 10)", i, digest: i % 5 == 0 ? [UInt8](repeating: UInt8(i), count: 32) : nil)
            }
            try writer.add(batch)
            for id in [3, 7, 40] as [ReferenceID] { try writer.remove(reference: id) }
        }
        #expect(try store.verify().problems == [])
        return (gallery, store)
    }

    /// What was done to a sound gallery, and a word of the problem it makes.
    enum Damage: String, CaseIterable {
        case nameLost, nameToNobody, subjectLost, subjectAndNameLost, memberLost, memberTooMany, digestLost,
            digestTooMany, countersLost, countersBehind, removalLost, removalOfLiving, removalTwice,
            loneTemplate

        func apply(_ transaction: StoreTransaction) throws(StoreError) {
            var number = RecordBytes()
            switch self {
            case .nameLost: try transaction.delete(.names, .text("s1"))
            case .nameToNobody:
                number.append(UInt64(77))
                try transaction.put(.names, .text("ghost"), number.bytes)
            case .subjectLost: try transaction.delete(.subjects, .number(2))
            case .subjectAndNameLost:
                try transaction.delete(.subjects, .number(2))
                try transaction.delete(.names, .text("s1"))
            case .memberLost: try transaction.delete(.members, .member(1, 11))
            case .memberTooMany: try transaction.put(.members, .member(1, 12), [])
            case .digestLost: try transaction.delete(.digests, .digest([UInt8](repeating: 5, count: 32), 6))
            case .digestTooMany: try transaction.put(.digests, .digest([UInt8](repeating: 6, count: 32), 6), [])
            case .countersLost: try transaction.put(.meta, .text(Format.countersKey), [1, 2, 3])
            case .countersBehind:
                var counters = try transaction.counters()
                counters.removals = 1
                transaction.setCounters(counters)
            case .removalLost: try transaction.delete(.removals, .number(2))
            case .removalOfLiving:
                number.append(UInt64(5))
                try transaction.put(.removals, .number(2), number.bytes)
            case .removalTwice:
                number.append(UInt64(3))
                try transaction.put(.removals, .number(2), number.bytes)
            case .loneTemplate: try transaction.delete(.references, .number(9))
            }
        }
    }

    @Test("verify reports every damage, and repair mends what can be derived", arguments: Damage.allCases)
    func mends(damage: Damage) throws {
        let (gallery, store) = try filled()
        try store.write { (writer) throws(StoreError) in try damage.apply(writer.transaction) }
        let before = try store.verify()
        #expect(!before.isSound)
        let after = try store.repair()
        #expect(after.problems == [])
        #expect(!after.repairs.isEmpty)
        try store.read { (reader) throws(StoreError) in
            #expect(try reader.referenceCount == (damage == .loneTemplate ? 36 : 37))
            #expect(try reader.subjectCount == 10)
            let removed = Set(try reader.removals(after: 0))
            #expect(removed == (damage == .loneTemplate ? [3, 7, 40, 9] : [3, 7, 40]))
            #expect(try reader.position.highestReference == 40)
            let name = damage == .subjectAndNameLost ? "recovered-1" : "s1"
            #expect(try reader.references(of: reader.subjectNumber(named: name) ?? 0) == [2, 12, 22, 32])
        }
        let id = try store.write { (writer) throws(StoreError) in try writer.add(newReference("new", 1)) }
        #expect(id == 41)
        #expect(try store.verify().problems == [])
        _ = gallery
    }

    @Test("repairing a sound gallery changes nothing")
    func nothingToDo() throws {
        let (gallery, store) = try filled()
        let before = try store.read { (reader) throws(StoreError) in reader.revision }
        let report = try store.repair()
        #expect(report.isSound && report.repairs.isEmpty)
        #expect(try store.read { (reader) throws(StoreError) in reader.revision } == before)
        _ = gallery
    }

    @Test("a damaged reference stays in the report until it is removed, and its subject keeps it meanwhile")
    func damagedReference() throws {
        let (gallery, store) = try filled()
        try store.write { (writer) throws(StoreError) in
            var bytes =
                try unsafe writer.transaction.get(.references, .number(12)).map { unsafe [UInt8]($0) } ?? []
            bytes[bytes.count - 1] ^= 1
            try writer.transaction.put(.references, .number(12), bytes)
        }
        #expect(throws: StoreError.self) {
            try store.read { (reader) throws(StoreError) in try reader.reference(12) }
        }
        #expect(try store.repair().problems == ["the record of reference 12 fails its checksum"])
        try store.write { (writer) throws(StoreError) in try writer.remove(reference: 12) }
        #expect(try store.verify().problems == [])
        _ = gallery
    }

    @Test(
        "whole records and templates in each other's places fail their checksums",
        arguments: [Database.references, .vectors])
    func exchanged(database: Database) throws {
        let (gallery, store) = try filled()
        try store.write { (writer) throws(StoreError) in
            let (first, second) = (
                try unsafe writer.transaction.get(database, .number(12)).map { unsafe [UInt8]($0) } ?? [],
                try unsafe writer.transaction.get(database, .number(25)).map { unsafe [UInt8]($0) } ?? []
            )
            try writer.transaction.put(database, .number(12), second)
            try writer.transaction.put(database, .number(25), first)
        }
        let what = database == .references ? "record" : "template"
        let problems = try store.verify().problems
        for id in [12, 25] {
            #expect(problems.contains("the \(what) of reference \(id) fails its checksum"), "\(problems)")
        }
        if database == .references {
            #expect(throws: StoreError.self) {
                try store.read { (reader) throws(StoreError) in try reader.reference(12) }
            }
        }
        _ = gallery
    }

    @Test("a template whose length is not 1 is found although its checksum is right")
    func wrongLength() throws {
        let (gallery, store) = try filled()
        try store.write { (writer) throws(StoreError) in
            let long = [Float](repeating: 1, count: 16)
            var checksum: UInt32 = 0
            unsafe long.withUnsafeBytes { unsafe checksum = vectorChecksum(12, $0) }
            try writer.transaction.put(
                .vectors, .number(12), unsafe long.withUnsafeBytes { unsafe [UInt8]($0) })
            guard var record = try writer.transaction.referenceRecord(12) else { return }
            record.vectorChecksum = checksum
            record.encode(to: &writer.transaction.record)
            try writer.transaction.put(.references, .number(12), writer.transaction.record.bytes)
        }
        let problems = try store.verify().problems
        #expect(problems.count == 1 && problems[0].contains("length is 4"))
        _ = gallery
    }

    @Test(
        "templates of small, page-filling and overflowing dimensions come back whole and aligned",
        arguments: [16, 20, 128, 252, 256, 500, 508, 512, 1024, 2048])
    func dimensions(dimension: Int) throws {
        let gallery = try TestGallery(
            StoreSettings(dimension: dimension, networkName: "n", networkFingerprint: "f"))
        let store = try gallery.open()
        try store.write { (writer) throws(StoreError) in
            try writer.add((1...50).map { newReference("s\($0 % 7)", $0, dimension: dimension) })
            try writer.remove(reference: 20)
        }
        try store.read { (reader) throws(StoreError) in
            var next: ReferenceID = 0
            try unsafe reader.forEachVector(after: 10) { (id, floats) throws(StoreError) in
                #expect(id > max(next, 10) && id != 20)
                next = id
                let address = Int(bitPattern: floats.baseAddress)
                #expect(address % 4 == 0)
                let found = unsafe [Float](floats)
                #expect(found == vector(Int(id), dimension: dimension))
            }
            #expect(next == 50)
        }
        #expect(try store.verify().problems == [])
    }

    @Test("the checksum is the one of zlib")
    func checksum() {
        var crc = CRC32()
        unsafe Array("123456789".utf8).withUnsafeBytes { unsafe crc.add($0) }
        #expect(crc.value == 0xCBF4_3926)
        var number = CRC32()
        number.add(0x3837_3635_3433_3231 as UInt64)
        unsafe Array("9".utf8).withUnsafeBytes { unsafe number.add($0) }
        #expect(number.value == 0xCBF4_3926)
    }
}
