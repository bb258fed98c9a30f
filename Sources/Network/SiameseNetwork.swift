/// One embedding network used for two or three inputs at once: shared weights, and a distance at the end.
///
/// The idea is Bromley et al.'s ("Signature verification using a Siamese time delay neural network", 1993); with
/// three inputs it is the triplet network of Schroff et al. (FaceNet, 2015). Any number of threads may call one
/// instance at once.
public final class SiameseNetwork: Sendable {
    /// How many inputs there are, and what they are called.
    public enum Arrangement: Sendable {
        /// `first` and `second`.
        case pair
        /// `anchor`, `positive` (the anchor's person) and `negative` (another).
        case triplet

        /// The names of the inputs, in order.
        public var inputs: [String] {
            switch self {
            case .pair: ["first", "second"]
            case .triplet: ["anchor", "positive", "negative"]
            }
        }
    }

    /// How far apart two embeddings of unit length are.
    public struct Distance: Sendable, Equatable {
        /// Squared Euclidean distance, 0…4; of unit vectors it is 2 − 2 × `cosine`.
        public let squaredEuclidean: Float
        /// Cosine, −1…1; higher is more alike.
        public let cosine: Float
    }

    /// Two chips' embeddings, and the distance of the two.
    public struct Comparison: Sendable, Equatable {
        /// Unit length, the network's dimension.
        public let first: [Float], second: [Float]
        /// Of `first` and `second`.
        public let distance: Distance
    }

    /// Three chips' embeddings, and the anchor's distance to the two others.
    public struct TripletComparison: Sendable, Equatable {
        /// Unit length, the network's dimension.
        public let anchor: [Float], positive: [Float], negative: [Float]
        /// Of the anchor and the positive, and of the anchor and the negative.
        public let toPositive: Distance, toNegative: Distance
    }

    /// What every input goes through.
    public let tower: EmbeddingNetwork
    /// What `summary()` shows; `compare` and `triplet` work with either.
    public let arrangement: Arrangement

    /// What a network's card says of the tower.
    public var card: NetworkCard { tower.card }

    /// Puts a network in the place of the tower; nothing is copied.
    public init(tower: EmbeddingNetwork, arrangement: Arrangement = .pair) {
        self.tower = tower
        self.arrangement = arrangement
    }

    /// Opens a network's directory as the tower.
    ///
    /// - Throws: as `EmbeddingNetwork(directory:threads:)`.
    public convenience init(
        directory: String, arrangement: Arrangement = .pair, threads: Int = 1
    ) throws(NetworkError) {
        self.init(
            tower: try EmbeddingNetwork(directory: directory, threads: threads), arrangement: arrangement)
    }

    /// A tower whose parameters are in memory.
    ///
    /// - Parameters:
    ///   - card: as for `EmbeddingNetwork(card:graph:parameters:threads:)`.
    ///   - graph: as for `EmbeddingNetwork(card:graph:parameters:threads:)`.
    ///   - parameters: as for `EmbeddingNetwork(card:graph:parameters:threads:)`.
    ///   - arrangement: two branches or three, which share the tower's weights.
    ///   - threads: threads one call may use, 1…256.
    public convenience init(
        card: NetworkCard, graph: Graph, parameters: NetworkParameters, arrangement: Arrangement = .pair,
        threads: Int = 1
    ) throws(NetworkError) {
        let tower = try EmbeddingNetwork(card: card, graph: graph, parameters: parameters, threads: threads)
        self.init(tower: tower, arrangement: arrangement)
    }

    /// A tower with random weights, drawn from `seed` alone: what training begins with.
    ///
    /// - Parameters:
    ///   - architecture: which layers.
    ///   - side: width and height of a chip; nil for the architecture's own.
    ///   - dimension: numbers in an embedding, 1…4096.
    ///   - seed: the same one gives the same weights.
    ///   - arrangement: two branches or three, which share the tower's weights.
    ///   - threads: threads one call may use, 1…256.
    /// - Throws: `badGraph` where the layers do not fit into `side`.
    public convenience init(
        _ architecture: Architecture, side: Int? = nil, dimension: Int = 128, seed: UInt64,
        arrangement: Arrangement = .pair, threads: Int = 1
    ) throws(NetworkError) {
        let side = side ?? architecture.defaultSide
        let graph = try architecture.graph(side: side, dimension: dimension)
        var input = architecture.defaultInput
        input.side = side
        let card = NetworkCard(
            name: "\(architecture), not trained", architecture: architecture, dimension: dimension,
            input: input,
            alignment: NetworkCard.Alignment(), license: "none", source: "random weights of seed \(seed)",
            threshold: NetworkCard.Threshold(similarity: 1, falseMatchRate: 0, measured: "not measured"))
        try self.init(
            card: card, graph: graph, parameters: NetworkParameters(graph, seed: seed),
            arrangement: arrangement,
            threads: threads)
    }

    /// Two chips through the tower, and how far apart they come out.
    ///
    /// - Parameters: each side × side × 3 bytes, RGB, row by row.
    /// - Throws: `wrongChip` (0 is `a`, 1 is `b`), `notFinite`.
    public func compare(_ a: [UInt8], _ b: [UInt8]) throws(NetworkError) -> Comparison {
        let rows = try rows(of: [a, b])
        return Comparison(first: rows[0], second: rows[1], distance: Self.distance(rows[0], rows[1]))
    }

    /// Three chips through the tower, and how far the anchor comes out from the two others.
    ///
    /// - Parameters: each side × side × 3 bytes, RGB, row by row.
    /// - Throws: `wrongChip` with the chip's place, `notFinite`.
    public func triplet(
        anchor: [UInt8], positive: [UInt8], negative: [UInt8]
    ) throws(NetworkError) -> TripletComparison {
        let rows = try rows(of: [anchor, positive, negative])
        return TripletComparison(
            anchor: rows[0], positive: rows[1], negative: rows[2],
            toPositive: Self.distance(rows[0], rows[1]), toNegative: Self.distance(rows[0], rows[2]))
    }

    /// The last layer: how far apart two embeddings of unit length are; linear in the dimension.
    ///
    /// - Precondition: both have the same count.
    public static func distance(_ a: [Float], _ b: [Float]) -> Distance {
        precondition(a.count == b.count, "embeddings of \(a.count) and \(b.count) numbers")
        var (squares, products): (Float, Float) = (0, 0)
        for (x, y) in zip(a, b) {
            squares += (x - y) * (x - y)
            products += x * y
        }
        return Distance(squaredEuclidean: squares, cosine: min(max(products, -1), 1))
    }

    /// A table: the inputs, the tower's layers once, the distance, and totals that count shared weights once.
    public func summary() -> String { tower.graph.summary(arrangement) }

    private func rows(of chips: [[UInt8]]) throws(NetworkError) -> [[Float]] {
        let all = try tower.templates(of: chips)
        let dimension = tower.dimension
        return chips.indices.map { Array(all[$0 * dimension..<($0 + 1) * dimension]) }
    }
}
