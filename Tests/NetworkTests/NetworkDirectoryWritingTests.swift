import Foundation
import TestSupport
import Testing

@testable import Network

@Suite("Networks that are written")
struct NetworkWritingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func card(_ change: (inout NetworkCard) -> Void = { _ in }) -> NetworkCard {
        var card = NetworkCard(
            name: "mine", architecture: .siameseSmall, dimension: 16,
            input: NetworkCard.Input(side: 20, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0),
            license: "mine",
            source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.5, falseMatchRate: 0.1, measured: "–"),
            training: NetworkCard.Training(
                dataFingerprint: "ab", people: 3, photos: 9, seed: .max, epochs: 2, loss: "triplet"))
        change(&card)
        return card
    }

    private func parameters(seed: UInt64 = 1) throws -> NetworkParameters {
        NetworkParameters(try siameseSmall(side: 20, dimension: 16), seed: seed)
    }

    private let chip = (0..<20 * 20 * 3).map { UInt8(truncatingIfNeeded: $0 &* 37) }

    @Test("what is written opens, with the same card and the same templates as in memory")
    func roundTrip() throws {
        let parameters = try parameters()
        let written = try NetworkDirectory.write(card(), parameters, to: folder.file("mine"))
        let opened = try EmbeddingNetwork(directory: folder.file("mine"))
        #expect(opened.card == written)
        #expect(written.training?.seed == .max)
        let memory = try EmbeddingNetwork(
            card: card(), graph: siameseSmall(side: 20, dimension: 16), parameters: parameters)
        #expect(try opened.templates(of: [chip, chip]) == memory.templates(of: [chip, chip]))
    }

    @Test("everyone may read the two files, and nothing else is left")
    func files() throws {
        for seed in 1...2 {
            try NetworkDirectory.write(card(), parameters(seed: UInt64(seed)), to: folder.file("mine"))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("mine")).sorted()
        #expect(names == ["card.json", "weights.safetensors"])
        for name in names {
            let facts = try FileManager.default.attributesOfItem(atPath: folder.file("mine/\(name)"))
            #expect(facts[.posixPermissions] as? Int == 0o644)
        }
    }

    @Test("a card or parameters that could not be opened again are refused before anything is written")
    func refusals() throws {
        var bad = try parameters()
        bad.values[7] = .infinity
        #expect(throws: NetworkError.self) { try NetworkDirectory.write(card(), bad, to: folder.file("mine")) }
        let cards = [
            card { $0.dimension = 32 }, card { $0.name = "" }, card { $0.architecture = "none" },
            card { $0.weights.file = "../w" }, card { $0.threshold.similarity = .nan },
            card { $0.alignment.kind = "none" }, card { $0.training?.accuracy = 2 },
        ]
        for card in cards {
            #expect(throws: NetworkError.self) {
                try NetworkDirectory.write(card, parameters(), to: folder.file("mine"))
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("mine")))
    }

    @Test("a folder that cannot be written to is named, as an error of writing")
    func unwritable() throws {
        try folder.write([], to: "file")
        // Of a path whose folder is not there, that folder is named.
        for (path, named) in [("file", "file"), ("none/mine", "none")].map({ ($0, folder.file($1)) }) {
            let error = #expect(throws: NetworkError.self) {
                try NetworkDirectory.write(card(), parameters(), to: folder.file(path))
            }
            #expect(error?.kind == .cannotWrite)
            #expect(error?.description.contains(named) == true, "\(error.map { "\($0)" } ?? "")")
        }
    }

    @Test("a network in memory must be the card's")
    func otherShapes() throws {
        let graph = try siameseSmall(side: 20, dimension: 16)
        for card in [card { $0.input.side = 24 }, card { $0.dimension = 8 }, card { $0.input.mean = [] }] {
            let parameters = try parameters()
            #expect(throws: NetworkError.self) {
                try EmbeddingNetwork(card: card, graph: graph, parameters: parameters)
            }
        }
    }

    @Test("a card can be rewritten alone")
    func cardAlone() throws {
        var written = try NetworkDirectory.write(card(), parameters(), to: folder.path)
        written.threshold.similarity = 0.25
        try written.save(directory: folder.path)
        #expect(try EmbeddingNetwork(directory: folder.path).card.threshold.similarity == 0.25)
    }
}
