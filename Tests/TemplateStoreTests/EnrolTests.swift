import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("enrolment")
struct EnrolTests {
    @Test("what was enrolled comes back whole after reopening")
    func roundTrip() throws {
        let gallery = try TestGallery()
        let digest = [UInt8](0..<32)
        let quality = ReferenceQuality(faceSize: 123, sharpness: 4.5, yaw: -12, roll: 3, score: 0.9)
        let new = NewReference(
            subject: "Zoë 🦊", source: "a/b c.jpg", sourceDigest: digest, quality: quality, template: vector(1))
        let store = try gallery.open()
        let ids = try store.write { (writer) throws(StoreError) in
            try writer.add([new, newReference("ada", 2), newReference("ada", 3)])
        }
        #expect(ids == [1, 2, 3])
        let again = try gallery.open(readOnly: true)
        #expect(again.settings == testSettings)
        try again.read { (reader) throws(StoreError) in
            #expect(try reader.subjectCount == 2)
            #expect(try reader.referenceCount == 3)
            #expect(try reader.position == StorePosition(highestReference: 3, removals: 0))
            let reference = try reader.reference(1)
            #expect(reference?.source == "a/b c.jpg")
            #expect(reference?.sourceDigest == digest)
            #expect(reference?.quality == quality)
            #expect((reference?.enrolled ?? 0) > 1.7e9)
            #expect(try reader.subject(named: "Zoë 🦊")?.number == reference?.subject)
            #expect(try reader.subject(named: "ada")?.referenceCount == 2)
            #expect(try reader.vector(of: 1) == vector(1))
            #expect(try reader.vector(of: 4) == nil)
            #expect(try reader.reference(0) == nil)
            #expect(try reader.reference(-1) == nil)
            #expect(try reader.subject(named: "nobody") == nil)
            #expect(try reader.reference(withDigest: digest, subject: "Zoë 🦊") == 1)
            #expect(try reader.reference(withDigest: digest, subject: "ada") == nil)
        }
    }

    @Test("a source is found among few and many references of a subject, whoever else has it")
    func findsSources() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let digest = [UInt8](repeating: 5, count: 32)
        try store.write { (writer) throws(StoreError) in
            for id in 1...20 { try writer.add(newReference("many", id)) }
            for id in 21...40 { try writer.add(newReference("one of \(id)", id, digest: digest)) }
            #expect(try writer.reference(withDigest: digest, subject: "many") == nil)
            try writer.add([newReference("many", 41, digest: digest), newReference("many", 42, digest: digest)])
        }
        try store.read { (reader) throws(StoreError) in
            #expect(try reader.reference(withDigest: digest, subject: "many") == 41)
            #expect(try reader.reference(withDigest: digest, subject: "one of 30") == 30)
            #expect(
                try reader.reference(withDigest: [UInt8](repeating: 6, count: 32), subject: "one of 30") == nil)
        }
    }
}
