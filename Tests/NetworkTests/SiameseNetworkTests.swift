import TestSupport
import Testing

@testable import Network

@Suite("Siamese networks")
struct SiameseNetworkTests {
    private let network: SiameseNetwork
    private let chips: [[UInt8]]

    init() throws {
        network = try SiameseNetwork(.siameseSmall, side: 32, dimension: 16, seed: 5)
        var random = SeededNumbers(seed: 9)
        chips = (0..<3).map { _ in (0..<32 * 32 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
    }

    @Test("a chip is at distance 0 from itself, and two chips are as far apart either way round")
    func distances() throws {
        let same = try network.compare(chips[0], chips[0]).distance
        #expect(abs(same.squaredEuclidean) < 1e-6 && abs(same.cosine - 1) < 1e-6)
        let (there, back) = try (network.compare(chips[0], chips[1]), network.compare(chips[1], chips[0]))
        #expect(there.distance == back.distance)
        #expect(there.distance.squaredEuclidean > 1e-6)
        #expect(abs(there.distance.squaredEuclidean - (2 - 2 * there.distance.cosine)) < 1e-5)
    }

    @Test("all inputs go through the same weights: three at once are each alone")
    func sharedWeights() throws {
        let triplet = try network.triplet(anchor: chips[0], positive: chips[1], negative: chips[2])
        for (chip, embedding) in zip(chips, [triplet.anchor, triplet.positive, triplet.negative]) {
            #expect(try distance(network.tower.templates(of: [chip]), embedding) < 1e-6)
        }
        let other = try network.compare(chips[0], chips[2]).distance
        #expect(abs(triplet.toNegative.squaredEuclidean - other.squaredEuclidean) < 1e-5)
    }

    @Test("the seed alone decides random weights")
    func seeds() throws {
        func again(_ seed: UInt64) throws -> SiameseNetwork.Comparison {
            try SiameseNetwork(.siameseSmall, side: 32, dimension: 16, seed: seed).compare(chips[0], chips[1])
        }
        #expect(try again(5) == network.compare(chips[0], chips[1]))
        #expect(try again(6) != again(5))
    }

    @Test("a chip of another size is refused with its place")
    func wrongChip() {
        #expect(throws: NetworkError.wrongChip(index: 1, bytes: 5, side: 32)) {
            try network.compare(chips[0], [UInt8](repeating: 0, count: 5))
        }
    }

    @Test("a network that was written is opened as the tower")
    func directory() throws {
        let folder = try TemporaryFolder()
        let graph = try Architecture.siameseSmall.graph(side: 32, dimension: 16)
        try NetworkDirectory.write(network.card, NetworkParameters(graph, seed: 5), to: folder.path)
        let opened = try SiameseNetwork(directory: folder.path, arrangement: .triplet)
        #expect(try opened.compare(chips[0], chips[1]) == network.compare(chips[0], chips[1]))
        let error = #expect(throws: NetworkError.self) {
            try SiameseNetwork(directory: folder.file("none"))
        }
        #expect(error?.kind == .missing)
    }

    @Test("the summary shows the inputs, each layer once, the distance, and shared weights once")
    func summary() throws {
        let pair = network.summary().split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(pair[1] == ["first", "3×32×32", "0", "0"] && pair[2] == ["second", "3×32×32", "0", "0"])
        #expect(pair.count { $0[0] == "tower.block1.convolution" } == 1)
        #expect(pair.contains { $0[0] == "distance" })
        #expect(pair.last?.first == "total," && pair.last?.suffix(2).first == "56,272")
        let once = network.tower.graph.multiplicationCount
        #expect(pair.last?.last?.filter { $0 != "," } == "\(2 * once)")
        let triplet = try SiameseNetwork(.siameseSmall, seed: 1, arrangement: .triplet).summary()
        #expect(triplet.contains("anchor") && triplet.contains("positive") && triplet.contains("negative"))
        #expect(triplet.split(separator: "\n").last?.contains(" 7,392,320 ") == true)
    }
}
