import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("Metadata of references")
struct MetadataTests {
    private let gallery: TestGallery

    init() throws { gallery = try TestGallery() }

    private func reference(_ metadata: [String: String], stamp: SourceStamp? = nil) -> NewReference {
        NewReference(
            subject: "Ada", source: "a.jpg", sourceDigest: [UInt8](repeating: 3, count: 32), sourceStamp: stamp,
            quality: ReferenceQuality(faceSize: 90, sharpness: 1, yaw: 2, roll: 3, score: 0.5),
            metadata: metadata, template: vector(1))
    }

    private func stored(_ id: ReferenceID) throws -> Reference {
        try #require(try gallery.open().read { reader throws(StoreError) in try reader.reference(id) })
    }

    @Test("is found again as it was given, whatever characters it holds, and survives a merge")
    func roundTrip() throws {
        let metadata = [
            "city": "Zürich", "note": "a \"quote\",\n/slash\\ and \u{0}", "": "no name", "émoji": "👩🏽‍🔬",
        ]
        let stamp = SourceStamp(size: 1 << 40, modified: -1)
        let store = try gallery.open()
        let id = try store.write { writer throws(StoreError) in
            let id = try writer.add(reference(metadata, stamp: stamp))
            try writer.add(newReference("Countess", 2))
            try writer.merge("Ada", into: "Countess")
            return id
        }
        let found = try stored(id)
        #expect(found.metadata == metadata)
        #expect(found.sourceStamp == stamp)
        #expect(found.source == "a.jpg")
        #expect(found.quality?.faceSize == 90)
        #expect(try store.verify().isSound)
    }

    @Test("may be changed together with the stamp, while everything else stays")
    func update() throws {
        let store = try gallery.open()
        let id = try store.write { writer throws(StoreError) in
            let id = try writer.add(reference(["city": "London"]))
            try writer.update(
                reference: id, metadata: ["town": "Ockham"], stamp: SourceStamp(size: 1, modified: 2))
            return id
        }
        let found = try stored(id)
        #expect(found.metadata == ["town": "Ockham"])
        #expect(found.sourceStamp == SourceStamp(size: 1, modified: 2))
        #expect(found.sourceDigest == [UInt8](repeating: 3, count: 32))
        #expect(try store.verify().isSound)
        #expect(throws: StoreError.unknownReference(id: 99)) {
            try store.write { writer throws(StoreError) in
                try writer.update(reference: 99, metadata: [:], stamp: nil)
            }
        }
    }

    @Test("over 65,535 bytes of JSON is refused before anything is written")
    func tooLong() throws {
        let store = try gallery.open()
        let longest = String(repeating: "x", count: 65_535 - #"{"k":""}"#.utf8.count)
        let error = #expect(throws: StoreError.self) {
            try store.write { writer throws(StoreError) in
                try writer.add([newReference("Bo", 2), reference(["k": longest + "x"])])
            }
        }
        guard case .invalidReference(item: 1, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("65536"))
        #expect(try store.read { reader throws(StoreError) in try reader.referenceCount } == 0)
        let id = try store.write { writer throws(StoreError) in try writer.add(reference(["k": longest])) }
        #expect(try stored(id).metadata["k"] == longest)
    }

    @Test("takes no room where there is none: such records are those of before, byte for byte")
    func oldRecords() throws {
        func record(_ stamp: SourceStamp?, _ metadata: [String: String]) -> RecordBytes {
            var record = RecordBytes()
            ReferenceRecord.encode(
                id: 5, subject: 6, enrolled: 1, source: "a.jpg", digest: [UInt8](repeating: 3, count: 32),
                quality: ReferenceQuality(faceSize: 90, sharpness: 1, yaw: 2, roll: 3, score: 0.5),
                stamp: stamp,
                metadata: MetadataText.encode(metadata), vectorChecksum: 9, to: &record)
            return record
        }
        let plain = record(nil, [:])
        let stamped = record(SourceStamp(size: 7, modified: 8), ["a": "b"])
        #expect(plain.bytes.count == 28 + 32 + 36 + 5)
        #expect(stamped.bytes.count == plain.bytes.count + 16 + 4 + #"{"a":"b"}"#.utf8.count)
    }

    @Test("of a record with a wrong length, no JSON or an unknown flag makes the record a damaged one")
    func damaged() throws {
        var record = RecordBytes()
        ReferenceRecord.encode(
            id: 5, subject: 6, enrolled: 1, source: "a.jpg", digest: nil, quality: nil,
            metadata: MetadataText.encode(["a": "b"]), vectorChecksum: 9, to: &record)
        func isRead(_ change: (inout [UInt8]) -> Void) -> Bool {
            var bytes = record.bytes
            change(&bytes)
            var sealed = RecordBytes()
            sealed.append(bytes)
            sealed.seal(key: 5)
            return unsafe sealed.bytes.withUnsafeBytes { unsafe ReferenceRecord(id: 5, $0) != nil }
        }
        #expect(isRead { _ in })
        #expect(!isRead { $0[28] += 1 })
        #expect(!isRead { $0[28] -= 1 })
        #expect(!isRead { $0[31] = 0x7F })
        #expect(!isRead { $0[33] = UInt8(ascii: "[") })
        #expect(!isRead { $0[24] |= 32 })
        #expect(!isRead { $0.removeLast(6) })
    }
}
