import GalleryModel
import Testing
import TestSupport
@testable import facegallery
@testable import ReferenceFiles

@Suite("A batch of an import")
struct ImportBatchTests {
    private func reference(_ metadata: [String: String]) -> FileReference {
        FileReference(
            subject: "s", id: 1, source: "x.jpg", enrolled: 0, quality: nil, sourceDigest: nil,
            metadata: metadata,
            template: [Float](repeating: 0, count: 128))
    }

    @Test("is bounded by the bytes of metadata too, not only by those of templates")
    func countsMetadata() {
        let plain = ReferenceImport.bytes(of: reference([:]))
        #expect(plain >= 4 * 128 && plain < 4_000)
        let long = ReferenceImport.bytes(of: reference(["text": String(repeating: "t", count: 60_000)]))
        #expect(long > plain + 60_000)
        // Many short texts take more room than their bytes.
        let many = Dictionary(uniqueKeysWithValues: (0..<1_000).map { ("k\($0)", "v") })
        #expect(ReferenceImport.bytes(of: reference(many)) > plain + 100_000)
    }
}
