import Gallery
import GalleryModel
import GalleryTesting
import Network
import Testing

@Suite("How often strangers are named")
struct StrangerRateTests {
    private func gallery(subjects: Int) throws -> FaceGallery {
        let storage = try MemoryStorage(
            StoreSettings(dimension: 16, networkName: "n", networkFingerprint: "f"))
        let additions = (0..<subjects).map { number in
            var template = [Float](repeating: 0, count: 16)
            template[number % 16] = 1
            return ReferenceAddition(
                NewReference(subject: "s\(number)", source: "\(number)", template: template))
        }
        _ = try storage.change(adding: additions, updating: [])
        var card = NetworkCard(
            name: "n", architecture: .siameseSmall, dimension: 16,
            input: NetworkCard.Input(side: 32, mean: [0, 0, 0], scale: 1),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0),
            license: "none", source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.4, falseMatchRate: 0.0001, measured: "a test"))
        card.identification = NetworkCard.Identification(
            similarity: 0.5, falsePositiveRate: 0.01, enrolled: 100, measured: "a test")
        return FaceGallery(storage: storage, name: "g", card: card)
    }

    @Test("grows with the gallery, and is the measured one at the size that was measured")
    func grows() throws {
        #expect(abs(try #require(try gallery(subjects: 100).strangerRate()).expected - 0.01) < 1e-12)
        let twice = try #require(try gallery(subjects: 200).strangerRate())
        #expect(abs(twice.expected - (1 - 0.99 * 0.99)) < 1e-12)
        #expect(twice.among == 100 && twice.subjects == 200 && twice.measured == 0.01)
        #expect(try gallery(subjects: 0).strangerRate()?.expected == 0)
    }

    @Test("is not said of a threshold at which nothing was measured")
    func otherThreshold() throws {
        let gallery = try gallery(subjects: 10)
        try gallery.set(.threshold, to: 0.6)
        #expect(try gallery.strangerRate() == nil)
        try gallery.set(.threshold, to: nil)
        #expect(try gallery.strangerRate() != nil)
        #expect(throws: GalleryError.self) { try gallery.set(.threshold, to: 1.5) }
    }
}
