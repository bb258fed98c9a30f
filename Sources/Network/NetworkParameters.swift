/// The numbers of a network in one array, with the name, shape and part of each tensor.
///
/// A value; safe to share between threads.
public struct NetworkParameters: Sendable {
    /// What a tensor does, and so how it begins and whether training changes it.
    public enum Role: String, Sendable, Codable {
        /// Filters and matrices: random at first, shrunk by weight decay.
        case weight
        /// Added after a weight: 0 at first.
        case bias
        /// Multiplied per channel: 1 at first.
        case scale
        /// Added per channel: 0 at first.
        case shift
        /// What a negative value is multiplied with: 0.25 at first.
        case slope
        /// A running mean of what was seen, 0 at first; never a gradient's.
        case mean
        /// A running variance of what was seen, 1 at first; never a gradient's.
        case variance

        /// Whether a gradient changes it.
        public var isTrained: Bool { self != .mean && self != .variance }
    }

    /// One tensor's place.
    public struct Entry: Sendable, Equatable {
        /// Its name in files of weights.
        public var name: String
        /// Its axes, row-major.
        public var shape: [Int]
        /// What it does.
        public var role: Role
        /// Where its values stand in `values`.
        public var range: Range<Int>
    }

    /// The tensors, in the order of the graph's layers.
    public private(set) var entries: [Entry] = []
    /// All numbers, tensor after tensor.
    public var values: [Float] = []

    /// No tensors.
    public init() {}

    /// Random weights (He et al., 2015), drawn from `seed` alone; biases and shifts are 0, scales 1.
    public init(_ graph: Graph, seed: UInt64) {
        entries = Self.entries(of: graph)
        for (index, entry) in entries.enumerated() {
            guard entry.role == .weight else {
                values += repeatElement(entry.role.first, count: entry.range.count)
                continue
            }
            var random = NormalNumbers(seed: seed, stream: UInt64(index))
            let inputs = entry.shape.dropFirst().reduce(1, *)
            let deviation = (2 / Float(inputs)).squareRoot()
            values += entry.range.map { _ in random.next() * deviation }
        }
    }

    /// The graph's tensors as a file, or whatever else gives them, has them.
    ///
    /// - Throws: `badWeights` when one is missing, misshapen or not finite.
    public init(_ graph: Graph, weights: some WeightSource) throws(NetworkError) {
        entries = Self.entries(of: graph)
        for entry in entries { values += try weights.values(entry.name, shape: entry.shape) }
    }

    /// Where a graph's tensors stand, without their values.
    package static func entries(of graph: Graph) -> [Entry] {
        var entries: [Entry] = []
        var start = 0
        for (name, shape) in graph.nodes.flatMap(\.parameters) {
            let end = start + shape.reduce(1, *)
            entries.append(
                Entry(name: name, shape: shape, role: Role(parameter: name), range: start..<end))
            start = end
        }
        return entries
    }

    /// Adds a tensor at the end.
    ///
    /// - Precondition: `values` fill `shape`.
    public mutating func append(_ name: String, _ shape: [Int], _ role: Role, _ values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "tensor \(name) does not fill its shape")
        let range = self.values.count..<self.values.count + values.count
        entries.append(Entry(name: name, shape: shape, role: role, range: range))
        self.values += values
    }

    /// The place of a tensor; nil if there is none of this name.
    public func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

    /// The bytes of a safetensors file of all tensors.
    public func encoded() throws -> [UInt8] {
        try SafeTensors.encode(entries.map { ($0.name, $0.shape, Array(values[$0.range])) })
    }
}

extension NetworkParameters.Role {
    /// The role of a tensor by the last part of its name.
    fileprivate init(parameter name: String) {
        let last = name.split(separator: ".").last ?? ""
        self = NetworkParameters.Role(rawValue: String(last)) ?? .weight
    }

    fileprivate var first: Float {
        switch self {
        case .weight, .bias, .shift, .mean: 0
        case .scale, .variance: 1
        case .slope: 0.25
        }
    }
}
