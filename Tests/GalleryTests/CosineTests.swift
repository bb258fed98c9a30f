import GalleryModel
import Testing
import TestSupport
@testable import Gallery

@Suite("Cosines") struct CosineTests {
    @Test("are at most 1, and 1 for equal templates: each finds itself at a threshold of 1")
    func equal() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("faces")
        try FaceGallery.create(at: path, dimension: 128)
        var generator = SeededGenerator(seed: 91)
        // Lengths beside 1, as files of given templates have them.
        let templates = (0..<300).map { _ in
            let length = 1 + 0.4 * generator.signedUnit()
            return generator.unitVector(128).map { $0 * length }
        }
        let gallery = try FaceGallery(at: path)
        _ = try gallery.enroll(
            templates.enumerated().map {
                NewReference(subject: "s\($0.offset)", source: "test", template: $0.element)
            })
        _ = try gallery.enroll(
            templates.enumerated().map {
                NewReference(subject: "t\($0.offset)", source: "test", template: $0.element)
            })
        var search = FaceGallery.Search()
        search.minSimilarity = 1
        for (number, template) in templates.enumerated() {
            let answer = try gallery.identify(template, search)
            #expect(answer.candidates.prefix(2).map(\.similarity) == [1, 1], "\(number)")
            for fusion in [Fusion.max, .mean] {
                let verification = try gallery.verify(
                    template, subject: "s\(number)", fusion: fusion, minSimilarity: 1)
                #expect(verification.isMatch && verification.similarity == 1)
            }
        }
        let pairs = try gallery.duplicates(minSimilarity: 1).pairs
        #expect(pairs.count == 300)
        #expect(pairs.allSatisfy { $0.similarity == 1 })
    }

    @Test("that differ from 1 by more than rounding stay what they are")
    func near() {
        for sum: Float in [0.999_99, 0.5, 0, -0.3] { #expect(Cosine.settled(sum) == sum) }
        #expect(Cosine.settled(1.000_000_2) == 1 && Cosine.settled(0.999_999_6) == 1)
        #expect(Cosine.settled(-1.000_000_2) == -1)
        #expect(Cosine.leastSum(reaching: 0.49) == 0.49 && Cosine.leastSum(reaching: 1) < 1)
    }
}
