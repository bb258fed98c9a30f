import Files
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("refusals at the door")
struct RefusalTests {
    @Test("templates of wrong dimension, not finite, zero or of another length are refused by position")
    func badVectors() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let good = newReference("a", 1)
        var nan = vector(2)
        nan[3] = .nan
        var infinite = vector(2)
        infinite[0] = .infinity
        let cases: [([Float], VectorProblem)] = [
            (vector(1, dimension: 12), .dimension(expected: 16, found: 12)),
            ([], .dimension(expected: 16, found: 0)),
            (nan, .notFinite),
            (infinite, .notFinite),
            ([Float](repeating: 0, count: 16), .zero),
            ([Float](repeating: 0.5, count: 16), .notUnitLength(length: 2)),
        ]
        for (template, problem) in cases {
            #expect(throws: StoreError.badVector(item: 1, reason: problem)) {
                try store.write { (writer) throws(StoreError) in
                    try writer.add([good, NewReference(subject: "b", source: "", template: template)])
                }
            }
        }
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 0)
    }

    @Test("a refused batch leaves the transaction usable and nothing behind")
    func refusedBatch() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        try store.write { (writer) throws(StoreError) in
            try writer.add(newReference("a", 1))
            var bad = newReference("b", 2)
            bad.template[0] = .nan
            let batch = [newReference("c", 3), bad]
            do throws(StoreError) { try writer.add(batch) } catch {}
            try writer.add(newReference("d", 4))
        }
        try store.read { (reader) throws(StoreError) in
            #expect(try reader.referenceCount == 2)
            #expect(try reader.subject(named: "c") == nil)
            #expect(try reader.position.highestReference == 2)
        }
        #expect(try store.verify().problems == [])
    }

    @Test(
        "names that are empty, too long or hold control characters are refused",
        arguments: [
            "", String(repeating: "x", count: 512), "a\nb", "a\u{0}", "ta\tb", "\u{7F}", " ", "x\u{85}x",
        ])
    func badNames(name: String) throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let error = #expect(throws: StoreError.self) {
            try store.write { (writer) throws(StoreError) in try writer.add(newReference(name, 1)) }
        }
        guard case .invalidName = error else {
            Issue.record("not refused as a name: \(String(describing: error))")
            return
        }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("a name of 511 bytes is stored and found")
    func longestName() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let name = String(repeating: "é", count: 255) + "x"
        try store.write { (writer) throws(StoreError) in try writer.add(newReference(name, 1)) }
        #expect(
            try store.read { (reader) throws(StoreError) in try reader.subject(named: name)?.referenceCount }
                == 1)
        #expect(try store.read { (reader) throws(StoreError) in try reader.subject(named: name + "y") } == nil)
    }

    @Test("digests, sources and qualities out of range are refused")
    func badReferences() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        var digest = newReference("a", 1, digest: [1, 2, 3])
        var source = newReference("a", 1)
        source.source = String(repeating: "x", count: 65_536)
        var quality = newReference("a", 1)
        quality.quality = ReferenceQuality(faceSize: -1, sharpness: 0, yaw: 0, roll: 0, score: 0)
        var infinite = newReference("a", 1)
        infinite.quality = ReferenceQuality(faceSize: 1, sharpness: .nan, yaw: 0, roll: 0, score: 0)
        var huge = newReference("a", 1)
        huge.quality = ReferenceQuality(faceSize: 1, sharpness: 1e308, yaw: 0, roll: 0, score: 0)
        var turned = newReference("a", 1)
        turned.quality = ReferenceQuality(faceSize: 1, sharpness: 1, yaw: 0, roll: -1e9, score: 0)
        var distant = newReference("a", 1)
        distant.enrolled = 1e300
        for bad in [digest, source, quality, infinite, huge, turned, distant] {
            let error = #expect(throws: StoreError.self) {
                try store.write { (writer) throws(StoreError) in try writer.add(bad) }
            }
            guard case .invalidReference(item: 0, _) = error else {
                Issue.record("another error: \(String(describing: error))")
                continue
            }
        }
        digest.sourceDigest = nil
        source.source.removeLast()
        try store.write { (writer) throws(StoreError) in try writer.add([digest, source]) }
        #expect(
            try store.read { (reader) throws(StoreError) in try reader.reference(2)?.source.utf8.count }
                == 65_535)
    }

    @Test(
        "settings out of range are refused before anything is created",
        arguments: [
            StoreSettings(dimension: 12, networkName: "n", networkFingerprint: "f"),
            StoreSettings(dimension: 18, networkName: "n", networkFingerprint: "f"),
            StoreSettings(dimension: 2052, networkName: "n", networkFingerprint: "f"),
            StoreSettings(dimension: 128, networkName: "", networkFingerprint: "f"),
            StoreSettings(
                dimension: 128, networkName: "n", networkFingerprint: String(repeating: "f", count: 256)),
        ])
    func badSettings(settings: StoreSettings) throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: StoreError.self) {
            try TemplateStore.create(at: folder.file("g"), settings: settings)
        }
        #expect(error?.kind == .usage)
        #expect(try OpenFolder(folder.path).names() == [])
    }

    @Test("normalising makes unit vectors and refuses what has no direction")
    func normalise() throws {
        var v: [Float] = [3, 4]
        try UnitVector.normalise(&v)
        #expect(v == [0.6, 0.8])
        var tiny: [Float] = [3e-19, 4e-19]
        try UnitVector.normalise(&tiny)
        #expect(tiny == [0.6, 0.8])
        var large: [Float] = [3e38, 0]
        try UnitVector.normalise(&large)
        #expect(large == [1, 0])
        // The sum of their squares is far beyond the range of the numbers themselves.
        var largest = [Float](repeating: .greatestFiniteMagnitude, count: 2048)
        try UnitVector.normalise(&largest)
        #expect(abs(UnitVector.length(largest.span) - 1) < 1e-6)
        for (bad, problem) in [
            ([0, 0], VectorProblem.zero), ([], .zero), ([.nan, 1], .notFinite), ([1, -.infinity], .notFinite),
            ([.leastNonzeroMagnitude, 0], .zero),
        ]
            as [([Float], VectorProblem)]
        {
            var v = bad
            #expect(throws: problem) { try UnitVector.normalise(&v) }
        }
    }
}
