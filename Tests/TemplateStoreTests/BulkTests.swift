import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("bulk enrolment")
struct BulkTests {
    /// Run with FACEGALLERY_BENCH=1 in a release build; prints references a second, commits included.
    @Test(
        "a million templates enrol",
        .enabled(if: ProcessInfo.processInfo.environment["FACEGALLERY_BENCH"] != nil))
    func million() throws {
        let gallery = try TestGallery(StoreSettings(dimension: 128, networkName: "n", networkFingerprint: "f"))
        let store = try gallery.open()
        let count = 1_000_000
        let clock = ContinuousClock()
        var spent = Duration.zero
        var made = 0
        while made < count {
            let batch = (made..<made + 100_000).map { i in
                NewReference(
                    subject: "subject-\(i &* 7919 % count)", source: "photos/\(i).jpg",
                    template: vector(i, dimension: 128))
            }
            spent += try clock.measure {
                try store.write { (writer) throws(StoreError) in _ = try writer.add(batch) }
            }
            made += batch.count
        }
        let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
        print(
            "enrolled \(count) in \(seconds) s: \(Int(Double(count) / seconds)) a second, \(try store.bytesOnDisk) bytes"
        )
        var total: Float = 0
        let walk = try clock.measure {
            try store.read { (reader) throws(StoreError) in
                try unsafe reader.forEachVector(after: 0) { _, v in unsafe total += v[0] }
            }
        }
        print("forEachVector: \(walk)")
        let lookups = try clock.measure {
            try store.read { (reader) throws(StoreError) in
                for i in 0..<100_000 {
                    _ = try unsafe reader.withVector(Int64(i &* 7919 % count) + 1) { v in unsafe total += v[1] }
                }
            }
        }
        print("100,000 withVector: \(lookups) \(total)")
        let owners = try clock.measure {
            try store.read { (reader) throws(StoreError) in
                for i in 0..<100_000 { _ = try reader.subjectNumber(ofReference: Int64(i &* 7919 % count) + 1) }
            }
        }
        print("100,000 subjectNumber(ofReference:): \(owners)")
        let reads = try clock.measure {
            for _ in 0..<100_000 { try store.read { (reader) throws(StoreError) in _ = reader.revision } }
        }
        print("100,000 empty reads: \(reads)")
        var subjects = 0
        let listing = try clock.measure {
            try store.read { (reader) throws(StoreError) in try reader.forEachSubject { _ in subjects += 1 } }
        }
        print("forEachSubject (\(subjects)): \(listing)")
        let verified = clock.measure { #expect(throws: Never.self) { try store.verify().problems.isEmpty } }
        print("verify: \(verified)")
    }
}
