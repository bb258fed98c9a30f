import Foundation
import TestSupport
import Testing

@testable import Network

/// What the tests of the default network share: the network of the cache, opened once, and four portraits.
enum Portraits {
    static let directory = SetUpCache.file("networks/dlib-resnet")

    static let installed = FileManager.default.fileExists(atPath: directory + "/weights.safetensors")

    static let network = Result { try EmbeddingNetwork(directory: directory) }

    static let chips: [[UInt8]] = {
        let bytes = fixture("portraits.rgb")
        let size = 150 * 150 * 3
        return (0..<bytes.count / size).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
    }()

    /// dlib's own templates of the portraits, 128 numbers each.
    static let templates: [Float] = {
        let bytes = fixture("portraits.f32")
        return (0..<bytes.count / 4).map { place in
            Float(
                bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place * 4 + $1]) << (8 * UInt32($1)) }
            )
        }
    }()

    private static func fixture(_ name: String) -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return (try? Data(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"))).map(Array.init) ?? []
    }

    static func cosine(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) -> Float {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

@Suite("The face network", .enabled(if: Portraits.installed, "make setup installs the default network"))
struct FaceNetworkTests {
    private let network: EmbeddingNetwork

    init() throws { network = try Portraits.network.get() }

    @Test("templates of real faces agree with dlib's own to a cosine of 0.9999 and 1e-3 in every number")
    func agreement() throws {
        let found = try network.templates(of: Portraits.chips)
        #expect(found.count == 4 * 128)
        #expect(distance(found, Portraits.templates) < 1e-3)
        for row in stride(from: 0, to: 512, by: 128) {
            #expect(Portraits.cosine(found[row..<row + 128], Portraits.templates[row..<row + 128]) >= 0.9999)
        }
    }

    @Test("two portraits of one person are more alike than two people's")
    func people() throws {
        let found = try network.templates(of: Portraits.chips)
        let same = Portraits.cosine(found[0..<128], found[128..<256])
        let other = Portraits.cosine(found[0..<128], found[384..<512])
        #expect(same > other)
        #expect(Double(other) < network.card.threshold.similarity)
    }

    @Test("every template has length 1")
    func lengths() throws {
        let found = try network.templates(of: Portraits.chips)
        for row in stride(from: 0, to: 512, by: 128) {
            let template = found[row..<row + 128]
            #expect(abs(Portraits.cosine(template, template) - 1) < 1e-5)
        }
    }

    @Test("five chips together are five chips alone")
    func batches() throws {
        let chips = (0..<5).map { Portraits.chips[$0 % 4] }
        var alone: [Float] = []
        for chip in chips { alone += try network.templates(of: [chip]) }
        #expect(try distance(network.templates(of: chips), alone) < 1e-5)
    }

    @Test("no chips give no templates")
    func empty() throws {
        #expect(try network.templates(of: []).isEmpty)
    }

    @Test("a chip of another size is refused with its place", arguments: [0, 1, 150 * 150, 150 * 150 * 3 + 1])
    func wrongSize(bytes: Int) throws {
        let chips = [Portraits.chips[0], [UInt8](repeating: 0, count: bytes)]
        let error = #expect(throws: NetworkError.self) { try network.templates(of: chips) }
        #expect(
            error?.description == "chip 1 has \(bytes) bytes; the network takes 150×150 RGB, 67500 bytes")
    }

    @Test("two threads answer as one does")
    func threads() throws {
        let two = try EmbeddingNetwork(directory: Portraits.directory, threads: 2)
        #expect(
            try distance(two.templates(of: Portraits.chips), network.templates(of: Portraits.chips)) < 1e-5)
    }

    @Test("many tasks may ask at once, in batches of any size")
    func manyTasks() async throws {
        let network = self.network
        try await withThrowingTaskGroup(of: Float.self) { group in
            for task in 0..<24 {
                group.addTask {
                    // Most ask for one chip, so that calls of one kind overlap.
                    let count = task % 4 == 3 ? 5 : 1
                    let chips = (0..<count).map { Portraits.chips[(task + $0) % 4] }
                    let found = try network.templates(of: chips)
                    let wanted = chips.indices.flatMap { index in
                        let row = (task + index) % 4 * 128
                        return Portraits.templates[row..<row + 128]
                    }
                    return distance(found, wanted)
                }
            }
            for try await worst in group { #expect(worst < 1e-3) }
        }
    }

    @Test("black and white chips have templates too")
    func extremes() throws {
        let chips = [UInt8(0), 255].map { [UInt8](repeating: $0, count: 67_500) }
        #expect(try network.templates(of: chips).allSatisfy(\.isFinite))
    }

    @Test("the summary ends in the totals")
    func summary() {
        let lines = network.summary().split(separator: "\n")
        #expect(lines.first?.split(separator: " ") == ["layer", "output", "parameters", "multiplications"])
        #expect(
            lines.contains {
                $0.split(separator: " ") == ["stem.convolution", "32×72×72", "4,736", "24,385,536"]
            })
        let total = lines.last?.split(separator: " ") ?? []
        #expect(total.prefix(3) == ["total", "128×1×1", "5,614,592"] && total.count == 4)
    }
}

@Suite("Directories of networks")
struct NetworkDirectoryTests {
    private func open(card: String, weights: [UInt8]?) throws -> (NetworkError?, TemporaryFolder) {
        let folder = try TemporaryFolder()
        try folder.write(Array(card.utf8), to: "card.json")
        if let weights { try folder.write(weights, to: "w.safetensors") }
        return (#expect(throws: NetworkError.self) { try EmbeddingNetwork(directory: folder.path) }, folder)
    }

    private func card(for weights: [UInt8], _ change: (String) -> String = { $0 }) -> String {
        change(NetworkCardTests.text).replacingOccurrences(
            of: String(repeating: "0", count: 64), with: SHA256.hex(of: weights))
    }

    @Test("weights that are not the card's are refused by name, with both digests")
    func tampered() throws {
        var weights = try SafeTensors.encode([("x", [1], [1])])
        let card = card(for: weights)
        weights[weights.count - 1] ^= 1
        let (error, folder) = try open(card: card, weights: weights)
        #expect(error?.kind == .badData)
        #expect(error?.description.contains(folder.file("w.safetensors")) == true)
        #expect(error?.description.contains(SHA256.hex(of: weights)) == true)
    }

    @Test("missing weights are named")
    func missing() throws {
        let (error, folder) = try open(card: card(for: []), weights: nil)
        #expect(error?.kind == .missing)
        #expect(error?.description.contains(folder.file("w.safetensors")) == true)
    }

    @Test("weights that lack a tensor are refused with its name, though the digest is right")
    func incomplete() throws {
        let weights = try SafeTensors.encode([("x", [1], [1])])
        let (error, _) = try open(card: card(for: weights), weights: weights)
        #expect(error?.description.hasSuffix("tensor stem.convolution.weight is missing") == true)
    }

    @Test("an unknown architecture is refused with its name")
    func architecture() throws {
        let weights = try SafeTensors.encode([("x", [1], [1])])
        let card = card(for: weights) { $0.replacingOccurrences(of: "resnet-29", with: "resnet-30") }
        let (error, _) = try open(card: card, weights: weights)
        #expect(error?.description.contains("architecture \"resnet-30\" is unknown") == true)
    }
}
