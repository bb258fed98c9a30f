/// Runs of layers that one operation can do: a layer with weights, its scalings, a sum, an activation.
struct Chains {
    struct Chain {
        /// The first layer.
        var head: Int
        /// Layers that scale each channel, in order.
        var scalings: [Int] = []
        /// The other input of a sum the chain ends in: written over, for nobody reads it later.
        var bridge: Int?
        var activation: Activation?
        /// The last layer, whose output the chain computes.
        var end: Int
    }

    private var byEnd: [Int: Chain] = [:]
    private let readerCounts: [Int]

    /// The chain whose result is the output of node `index`; nil when a later node's chain contains it.
    func ending(at index: Int) -> Chain? { byEnd[index] }

    /// How many layers read the output of node `index`.
    func readers(of index: Int) -> Int { readerCounts[index] }

    init(_ graph: Graph) {
        var readers = [[Int]](repeating: [], count: graph.nodes.count)
        for (index, node) in graph.nodes.enumerated() {
            for input in node.inputs { readers[input].append(index) }
        }
        // What the network answers is read by its caller too.
        var counts = readers.map(\.count)
        for (_, value) in graph.outputs { counts[value.index] += 1 }
        readerCounts = counts
        // Where the chain of each node ends, of the nodes seen so far.
        var ends: [Int: Int] = [:]
        for (head, node) in graph.nodes.enumerated() where ends[head] == nil {
            var chain = Chain(head: head, end: head)
            var members = [head]
            func follower() -> Int? {
                counts[chain.end] == 1 && readers[chain.end].count == 1 ? readers[chain.end][0] : nil
            }
            func extend(to next: Int) {
                chain.end = next
                members.append(next)
            }
            if node.layer.hasWeights {
                while let next = follower(), graph.nodes[next].layer.scalesChannels {
                    chain.scalings.append(next)
                    extend(to: next)
                }
            }
            if case .convolution = node.layer, let next = follower(), ends[next] == nil,
                let bridge = Self.bridge(of: next, from: chain.end, in: graph, readers, counts, ends)
            {
                chain.bridge = bridge
                extend(to: next)
            }
            if node.layer.takesActivation, let next = follower(),
                let activation = graph.nodes[next].layer.activation, activation.canEnd
            {
                chain.activation = activation
                extend(to: next)
            }
            for member in members { ends[member] = chain.end }
            byEnd[chain.end] = chain
        }
    }

    /// What else node `sum` adds, if it may be written over once the sum is made.
    private static func bridge(
        of sum: Int, from own: Int, in graph: Graph, _ readers: [[Int]], _ counts: [Int], _ ends: [Int: Int]
    ) -> Int? {
        let node = graph.nodes[sum]
        guard node.layer == .add, graph.nodes[own].shape == node.shape,
            let other = node.inputs.first(where: { $0 != own })
        else { return nil }
        if graph.nodes[other].shape != node.shape { return other }
        guard graph.nodes[other].layer.makesItsOwnValue, counts[other] == readers[other].count else {
            return nil
        }
        // Who sees the same memory under another name may read it later.
        let free = readers[other].allSatisfy { reader in
            reader == sum || ((ends[reader] ?? .max) < sum && graph.nodes[reader].layer.makesItsOwnValue)
        }
        return free ? other : nil
    }
}

extension GraphLayer {
    /// Whether its output lies in memory of its own, not in its input's, and may be written over.
    var makesItsOwnValue: Bool {
        switch self {
        case .input, .dropout, .operation(.reshape), .operation(.constant): false
        default: true
        }
    }

    /// The function of each number that the layer is, if it is one.
    var activation: Activation? {
        switch self {
        case .relu: .relu(slope: 0)
        case .operation(.activation(let activation)): activation
        default: nil
        }
    }

    /// Whether an activation can be applied to its result before that is written.
    fileprivate var takesActivation: Bool {
        switch self {
        case .add, .operation(.combination): true
        default: hasWeights
        }
    }

    fileprivate var hasWeights: Bool {
        switch self {
        case .convolution, .fullyConnected, .affine, .batchNormalization: true
        default: false
        }
    }

    fileprivate var scalesChannels: Bool {
        switch self {
        case .affine, .batchNormalization: true
        default: false
        }
    }
}

extension Chains.Chain {
    /// The weights of the head, rescaled by what follows it.
    func linear(in graph: Graph, weights: some WeightSource, bias: Bool) throws(NetworkError) -> Plan.Linear {
        let node = graph.nodes[head]
        // Taken out of the list, so that rescaling changes them in place.
        var values = try node.tensors(weights)
        let added = bias ? values.removeLast() : [Float](repeating: 0, count: node.shape.channels)
        var linear = Plan.Linear(weight: values.removeLast(), bias: added, activation: activation)
        for place in scalings {
            let (scale, shift) = try graph.nodes[place].scaling(weights)
            linear.rescale(by: scale, shift: shift)
        }
        return linear
    }
}

extension Graph.Node {
    func tensors(_ weights: some WeightSource) throws(NetworkError) -> [[Float]] {
        var result: [[Float]] = []
        for (name, shape) in parameters { result.append(try weights.values(name, shape: shape)) }
        return result
    }

    /// What the layer multiplies each channel by and adds to it.
    func scaling(_ weights: some WeightSource) throws(NetworkError) -> (scale: [Float], shift: [Float]) {
        let values = try tensors(weights)
        guard case .batchNormalization(let epsilon) = layer else { return (values[0], values[1]) }
        let (scale, shift, mean, variance) = (values[0], values[1], values[2], values[3])
        let factors = scale.indices.map { scale[$0] / (max(variance[$0], 0) + epsilon).squareRoot() }
        return (factors, shift.indices.map { shift[$0] - mean[$0] * factors[$0] })
    }
}
