import Testing

@testable import Network

@Suite("What tells networks apart")
struct NetworkIdentityTests {
    private static let card = NetworkCard(
        name: "mine", architecture: .siameseSmall, dimension: 16,
        input: NetworkCard.Input(side: 20, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
        alignment: NetworkCard.Alignment(),
        weights: NetworkCard.Weights(sha256: String(repeating: "a", count: 64)),
        license: "mine", source: "a test",
        threshold: NetworkCard.Threshold(similarity: 0.5, falseMatchRate: 0.1, measured: "–"))

    private static let changes: [(String, @Sendable (inout NetworkCard) -> Void)] = [
        ("weights (aaaaaaaaaaaa, not bbbbbbbbbbbb)", { $0.weights.sha256 = String(repeating: "b", count: 64) }),
        ("architecture (siamese-small, not mobilefacenet)", { $0.architecture = "mobilefacenet" }),
        ("dimension (16, not 32)", { $0.dimension = 32 }),
        ("side (20, not 24)", { $0.input.side = 24 }),
        ("mean (127.5 127.5 127.5, not 127.5 127.5 0.0)", { $0.input.mean[2] = 0 }),
        ("scale (0.0078125, not 0.00390625)", { $0.input.scale = 1 / 256 }),
        (
            "alignment (dlib-5-point, padding 0.25, not dlib-5-point, padding 0.6)",
            { $0.alignment.padding = 0.6 }
        ),
        (
            "alignment (dlib-5-point, padding 0.25, not five-point-template, padding 0.0)",
            { $0.alignment = NetworkCard.Alignment(kind: NetworkCard.Alignment.template, padding: 0) }
        ),
    ]

    @Test(
        "a card that changes a template makes another network, and the fact is named",
        arguments: changes.indices)
    func otherNetworks(_ index: Int) {
        var other = Self.card
        Self.changes[index].1(&other)
        #expect(other.fingerprint != Self.card.fingerprint)
        let differences = NetworkIdentity(Self.card).differences(from: NetworkIdentity(other))
        #expect(differences == [Self.changes[index].0])
    }

    @Test("name, license, source, thresholds and training are not part of a network")
    func sameNetwork() {
        var other = Self.card
        (other.name, other.license, other.source) = ("other", "other", "other")
        other.threshold.similarity = 0.7
        other.identification = NetworkCard.Identification(
            similarity: 0.8, falsePositiveRate: 0.01, enrolled: 10, measured: "–")
        other.training = NetworkCard.Training(
            dataFingerprint: "ab", people: 3, photos: 9, seed: 1, epochs: 2, loss: "triplet")
        #expect(NetworkIdentity(other) == NetworkIdentity(Self.card))
        #expect(other.fingerprint == Self.card.fingerprint)
    }

    @Test("the padding of whole photos changes nothing")
    func wholePhotos() {
        var (one, other) = (Self.card, Self.card)
        one.alignment = NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0)
        other.alignment = NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0.25)
        #expect(one.fingerprint == other.fingerprint)
    }

    @Test(
        "what earlier versions recorded of a trained network, its weights alone, is that network's; not of imports"
    )
    func recordedWeights() {
        let identity = NetworkIdentity(Self.card)
        #expect(identity.isRecorded(as: Self.card.weights.sha256))
        #expect(identity.isRecorded(as: identity.fingerprint))
        #expect(!identity.isRecorded(as: String(repeating: "b", count: 64)))
        let imported = NetworkCard(
            importing: "theirs", output: "fc1", dimension: 128, input: Self.card.input,
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.template, padding: 0), license: "",
            source: "", threshold: Self.card.threshold)
        #expect(!NetworkIdentity(imported).isRecorded(as: imported.weights.sha256))
        // Galleries of imported networks have recorded this one since they exist.
        #expect(
            imported.fingerprint == "bc94a76486ef6d694a026245bd2129dd4c83ecac73b7e1130e409cf01dfa2f04")
    }

    @Test("a text that a file carries is taken only with the fingerprint it belongs to")
    func carriedTexts() {
        let identity = NetworkIdentity(Self.card)
        #expect(NetworkIdentity(text: identity.text, recordedAs: identity.fingerprint) == identity)
        #expect(NetworkIdentity(text: identity.text, recordedAs: Self.card.weights.sha256) == identity)
        #expect(NetworkIdentity(text: identity.text + "x", recordedAs: identity.fingerprint) == nil)
        #expect(NetworkIdentity(text: "", recordedAs: SHA256.hex(of: [])) == nil)
    }
}
