import GalleryModel
import Testing

@Suite("What a gallery can hold")
struct NewReferenceTests {
    private let settings = StoreSettings(dimension: 16, networkName: "n", networkFingerprint: "f")

    private func reference() -> NewReference {
        NewReference(subject: "Ada", source: "a.jpg", template: [1] + [Float](repeating: 0, count: 15))
    }

    @Test("is said by each reference itself, with its place in the batch")
    func item() throws {
        try reference().check(for: settings)
        var bad = reference()
        bad.template = [1]
        #expect(throws: StoreError.badVector(item: 7, reason: .dimension(expected: 16, found: 1))) {
            try bad.check(for: settings, item: 7)
        }
        bad = reference()
        bad.subject = "\u{7}"
        #expect { try bad.check(for: settings) } throws: { ($0 as? StoreError)?.kind == .badData }
    }

    @Test("is no chip where the gallery keeps none")
    func chip() throws {
        var with = reference()
        with.chip = ReferenceChip(
            side: 64, box: SIMD4(1, 1, 20, 20), scheme: .none, points: [], picture: [1, 2, 3])
        #expect(throws: StoreError.self) { try with.check(for: settings) }
        var keeping = settings
        keeping.keepsChips = true
        try with.check(for: keeping)
        with.chip?.side = 1
        #expect(throws: StoreError.self) { try with.check(for: keeping) }
    }

    @Test("is a template batch's row, read as it was given")
    func row() throws {
        var batch = try TemplateBatch(dimension: 16, origin: "given.npy", capacity: 2)
        try batch.append(template: [Float](repeating: 2, count: 16), subject: "Ada", row: 5)
        try batch.append(template: [3] + [Float](repeating: 0, count: 15), subject: "Zo\u{E9}", row: 9)
        #expect(batch.count == 2)
        #expect(batch[0].template == [Float](repeating: 0.25, count: 16))
        #expect(batch[1].subject == "Zo\u{E9}" && batch[1].source == "given.npy:9")
        #expect(throws: StoreError.self) {
            try batch.append(template: [Float](repeating: 0, count: 16), subject: "Bob", row: 0)
        }
        #expect(batch.count == 2)
        #expect(throws: StoreError.self) { try batch.requireDimension(32) }
    }
}
