extension Plan {
    /// The value that a chain of layers makes.
    mutating func value(
        of chain: Chains.Chain, in graph: Graph, _ chains: Chains, _ values: [Int], _ weights: some WeightSource
    ) throws(NetworkError) -> Int {
        let head = graph.nodes[chain.head]
        let (name, shape) = (head.name, head.shape)
        if case .operation(let operation) = head.layer {
            return try value(
                of: operation, head, inputs: head.inputs.map { values[$0] }, chain.activation, weights)
        }
        guard let first = head.inputs.first else { return newValue(shape) }
        let source = values[first]
        switch head.layer {
        case .input, .operation: return newValue(shape)
        case .convolution(_, let window, let groups, let bias):
            let linear = try chain.linear(in: graph, weights: weights, bias: bias)
            var onto: Int?
            if let bridge = chain.bridge { onto = padded(values[bridge], to: shape, name: name) }
            return emit(name, .convolution(linear, window, groups: groups, onto: onto), source, shape)
        case .affine, .batchNormalization:
            let ones = [Float](repeating: 1, count: shape.channels)
            var linear = Linear(weight: ones, bias: ones.map { _ in 0 }, activation: chain.activation)
            for place in [chain.head] + chain.scalings {
                let (scale, shift) = try graph.nodes[place].scaling(weights)
                linear.rescale(by: scale, shift: shift)
            }
            return scaled(name, linear, source, shape, alone: chains.readers(of: first) == 1)
        case .fullyConnected(_, let bias):
            let linear = try chain.linear(in: graph, weights: weights, bias: bias)
            return emit(name, .fullyConnected(linear), beforeView(source), shape)
        case .relu: return emit(name, .activation(.relu(slope: 0)), source, shape)
        case .dropout: return source
        case .prelu:
            let slopes = try head.tensors(weights)[0]
            let own = graph.nodes[first].layer.makesItsOwnValue && chains.readers(of: first) == 1
            return emit(name, .prelu(slopes, inPlace: own), source, shape)
        case .maxPooling(let window): return emit(name, .maxPooling(window), source, shape)
        case .averagePooling(let window):
            return emit(name, .averagePooling(window, countsPadding: false), source, shape)
        case .globalAveragePooling:
            return emit(
                name, .averagePooling(Window(over: shapes[source]), countsPadding: false), source, shape)
        case .add:
            let left = padded(source, to: shape, name: name)
            let right = padded(values[head.inputs[1]], to: shape, name: name)
            return emit(name, .add(right, chain.activation), left, shape)
        }
    }

    /// Factors and summands per channel: of the input, where nothing else reads that; of planes, a 1×1 convolution of
    /// each; else an operation of its own.
    private mutating func scaled(
        _ name: String, _ linear: Linear, _ source: Int, _ shape: TensorShape, alone: Bool
    ) -> Int {
        if source == input, alone, shape.isPlanes, inputScaling == nil, linear.activation == nil {
            scaleInput(by: linear.weight, shift: linear.bias)
            return source
        }
        if shape.isPlanes {
            return emit(
                name, .convolution(linear, Window(1), groups: shape.channels, onto: nil), source, shape)
        }
        let value = emit(name, .affine(linear.weight, linear.bias), source, shape)
        guard let activation = linear.activation else { return value }
        return emit("\(name).activation", .activation(activation), value, shape)
    }

    /// What a value was before it was only seen under another shape: a matrix applies to all numbers alike.
    private func beforeView(_ value: Int) -> Int {
        guard let step = steps.last(where: { $0.output == value }), case .view = step.work else { return value }
        return beforeView(step.input)
    }
}
