import Foundation
import Gallery
import GalleryModel
import Network
import Testing
import TestSupport

/// One set of weights under several cards: templates of two of them cannot be compared.
@Suite("Galleries and networks that share their weights")
struct NetworkIdentityCommandTests {
    private let gallery: PatternGallery
    private var folder: TemporaryFolder { gallery.folder }
    private var facegallery: Facegallery { gallery.facegallery }

    init() throws {
        gallery = try PatternGallery()
        for (index, person) in ["Ada", "Grace", "Mary"].enumerated() {
            try gallery.draw(index + 1, as: "people/\(person).ppm")
        }
        #expect(try facegallery("enroll", "-g", "g", "people").exitCode == 0)
        try copyNetwork(to: "same") { $0.threshold.similarity = 0.8 }
        try copyNetwork(to: "other") { $0.input.scale = 1 / 256 }
    }

    private func copyNetwork(to name: String, _ change: (inout NetworkCard) -> Void) throws {
        try FileManager.default.copyItem(atPath: folder.file("mynet"), toPath: folder.file(name))
        try changeCard(of: name, change)
    }

    private func changeCard(of name: String, _ change: (inout NetworkCard) -> Void) throws {
        var card = try NetworkCard.load(directory: folder.file(name))
        change(&card)
        try card.save(directory: folder.file(name))
    }

    private func embed(_ network: String) throws -> (matrix: String, names: String) {
        let matrix = "\(network).npy"
        let made = try facegallery(
            "embed", "people", "--network", "\(network)/", "--out", matrix, "--names", "names.txt")
        #expect(made.exitCode == 0, "\(made.err)")
        return (matrix, "names.txt")
    }

    private func refused(_ words: String..., naming text: String = "scale (0.0078125, not 0.00390625)") throws {
        let result = try facegallery.run(words)
        #expect(result.exitCode == 65, "\(words): \(result.out)\(result.err)")
        #expect(result.err.contains(text), "\(words): \(result.err)")
    }

    /// Makes `old`, as earlier versions did: the weights alone are recorded.
    private func makeOldGallery(withCopy: Bool) throws {
        let card = try NetworkCard.load(directory: folder.file("mynet"))
        try FaceGallery.create(
            at: folder.file("old"),
            settings: StoreSettings(
                dimension: card.dimension, networkName: card.name, networkFingerprint: card.weights.sha256))
        guard withCopy else { return }
        try FileManager.default.copyItem(atPath: folder.file("mynet"), toPath: folder.file("old/network"))
    }

    @Test(
        "a gallery whose copy of the card says something else of pixels or chips is refused, whatever is asked",
        arguments: ["scale", "mean", "padding", "alignment"])
    func changedCopy(_ fact: String) throws {
        try changeCard(of: "g/network") { card in
            switch fact {
            case "scale": card.input.scale = 1 / 256
            case "mean": card.input.mean = [0, 0, 0]
            case "padding": card.alignment = NetworkCard.Alignment(padding: 0.6)
            default: card.alignment = NetworkCard.Alignment(kind: NetworkCard.Alignment.template, padding: 0)
            }
        }
        let text = "not those that the gallery's templates were made with"
        try refused("identify", "-g", "g", "people/Ada.ppm", naming: text)
        try refused("enroll", "-g", "g", "people/Ada.ppm", naming: text)
        let check = try facegallery("check", "-g", "g")
        #expect(check.exitCode == 1 && (check.out + check.err).contains(text), "\(check.out)\(check.err)")
    }

    @Test("thresholds and license of the copy may change")
    func changedThreshold() throws {
        try changeCard(of: "g/network") {
            $0.threshold.similarity = 0.9
            $0.license = "another"
        }
        #expect(try facegallery("identify", "-g", "g", "people/Ada.ppm").exitCode == 0)
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test("what embed made with another card is refused as templates and as probes, and the fact is named")
    func embeddings() throws {
        let other = try embed("other")
        try refused("enroll", "-g", "g", "--embeddings", other.matrix, "--subjects", other.names)
        try refused("identify", "-g", "g", "--embeddings", other.matrix)
        let same = try embed("same")
        #expect(try facegallery("identify", "-g", "g", "--embeddings", same.matrix).exitCode == 0)
        #expect(
            try facegallery("enroll", "-g", "g", "--embeddings", same.matrix, "--subjects", same.names).exitCode
                == 0)
    }

    @Test("a matrix that another took the place of, or that says nothing, is taken as it is")
    func otherMatrices() throws {
        let (matrix, _) = try embed("other")
        try folder.write(npy([[Float](repeating: 0.25, count: 16)]), to: matrix)
        let replaced = try facegallery("identify", "-g", "g", "--embeddings", matrix)
        #expect(replaced.exitCode == 0 && replaced.err.contains("belongs to another matrix"), "\(replaced.err)")
        try FileManager.default.removeItem(atPath: folder.file(matrix + ".network.json"))
        let bare = try facegallery("identify", "-g", "g", "--embeddings", matrix)
        #expect(bare.exitCode == 0 && !bare.err.contains("network"), "\(bare.err)")
        try folder.write(Array("{}".utf8), to: matrix + ".network.json")
        try refused(
            "identify", "-g", "g", "--embeddings", matrix, naming: "does not say which network made the matrix")
    }

    @Test("exports of a network with another card are refused by import, as lines, HDF5 and matrix")
    func exports() throws {
        #expect(try facegallery("create", "-g", "h", "--network", "other/").exitCode == 0)
        #expect(try facegallery("enroll", "-g", "h", "people").exitCode == 0)
        let exported = try facegallery(
            "export", "-g", "h", "--jsonl", "h.jsonl", "--hdf5", "h.h5", "--embeddings", "h.npy", "--subjects",
            "h.txt")
        #expect(exported.exitCode == 0, "\(exported.err)")
        try refused("import", "-g", "g", "h.jsonl")
        try refused("import", "-g", "g", "h.h5")
        try refused("enroll", "-g", "g", "--embeddings", "h.npy", "--subjects", "h.txt")
        #expect(try facegallery("import", "-g", "copy", "h.h5").exitCode == 0)
        #expect(try facegallery("import", "-g", "h", "h.jsonl").exitCode == 0)
    }

    @Test("an old gallery opens; its copy of the network keeps out templates of another card")
    func oldGalleries() throws {
        try makeOldGallery(withCopy: true)
        #expect(try facegallery("enroll", "-g", "old", "people").exitCode == 0)
        let answer = try facegallery("identify", "-g", "old", "people/Ada.ppm")
        #expect(answer.exitCode == 0 && answer.out.contains("match: Ada"), "\(answer.out)\(answer.err)")
        #expect(try facegallery("check", "-g", "old").exitCode == 0)
        try refused("identify", "-g", "old", "--embeddings", embed("other").matrix)
        #expect(try facegallery("identify", "-g", "old", "--embeddings", embed("same").matrix).exitCode == 0)
        // What an old gallery exports, a new one takes, and the other way round.
        for (from, to) in [("old", "g"), ("g", "old")] {
            let file = "\(from).jsonl"
            #expect(try facegallery("export", "-g", from, "--jsonl", file).exitCode == 0)
            let taken = try facegallery("import", "-g", to, file)
            #expect(taken.exitCode == 0, "\(taken.err)")
        }
        #expect(try facegallery("create", "-g", "h", "--network", "other/").exitCode == 0)
        #expect(try facegallery("export", "-g", "h", "--jsonl", "h.jsonl").exitCode == 0)
        try refused("import", "-g", "old", "h.jsonl")
    }

    @Test("of an old gallery without a copy the weights alone decide")
    func oldGalleriesWithoutCopies() throws {
        try makeOldGallery(withCopy: false)
        let matrix = try embed("same").matrix
        #expect(
            try facegallery("identify", "-g", "old", "--embeddings", matrix, "--min-similarity", "0.9").exitCode
                == 0)
        try copyNetwork(to: "third") { _ in }
        let graph = try Architecture.siameseSmall.graph(side: 32, dimension: 16)
        try NetworkDirectory.write(
            NetworkCard.load(directory: folder.file("third")), NetworkParameters(graph, seed: 2),
            to: folder.file("third"))
        try refused("identify", "-g", "old", "--embeddings", embed("third").matrix, naming: "these by mine")
    }
}
