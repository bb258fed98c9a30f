import TestSupport

@testable import Network

/// A graph computed in the plainest way, one layer after the other: what the fast way is held against.
enum LayerByLayer {
    struct Planes {
        var shape: TensorShape
        var values: [Float]

        subscript(_ channel: Int, _ row: Int, _ column: Int) -> Float {
            guard channel < shape.channels, (0..<shape.height).contains(row), (0..<shape.width).contains(column)
            else { return 0 }
            return values[(channel * shape.height + row) * shape.width + column]
        }

        init(_ shape: TensorShape, _ value: (Int, Int, Int) -> Float) {
            self.shape = shape
            values = []
            for channel in 0..<shape.channels {
                for row in 0..<shape.height {
                    for column in 0..<shape.width { values.append(value(channel, row, column)) }
                }
            }
        }
    }

    static func run(_ graph: Graph, _ weights: some WeightSource, _ image: [Float]) throws -> [Float] {
        var outputs: [Planes] = []
        for node in graph.nodes {
            var tensors: [[Float]] = []
            for (name, shape) in node.parameters { tensors.append(try weights.values(name, shape: shape)) }
            outputs.append(compute(node, node.inputs.map { outputs[$0] }, tensors, image))
        }
        return outputs[outputs.count - 1].values
    }

    private static func compute(
        _ node: Graph.Node, _ inputs: [Planes], _ tensors: [[Float]], _ image: [Float]
    ) -> Planes {
        let shape = node.shape
        func pooled(_ window: Window, _ combine: ([Float]) -> Float) -> Planes {
            let x = inputs[0]
            return Planes(shape) { channel, row, column in
                var seen: [Float] = []
                for i in 0..<window.height {
                    for j in 0..<window.width {
                        let y = row * window.step.rows - window.before.rows + i * window.spacing.rows
                        let z =
                            column * window.step.columns - window.before.columns + j * window.spacing.columns
                        if (0..<x.shape.height).contains(y), (0..<x.shape.width).contains(z) {
                            seen.append(x[channel, y, z])
                        }
                    }
                }
                return combine(seen)
            }
        }
        func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
        switch node.layer {
        case .input:
            return Planes(shape) { image[($0 * shape.height + $1) * shape.width + $2] }
        case .convolution(let filters, let window, let groups, let bias):
            let x = inputs[0]
            let depth = x.shape.channels / groups
            return Planes(shape) { filter, row, column in
                var sum = bias ? tensors[1][filter] : 0
                let group = filter / (filters / groups)
                for channel in 0..<depth {
                    for i in 0..<window.height {
                        for j in 0..<window.width {
                            let y = row * window.step.rows - window.before.rows + i * window.spacing.rows
                            let z =
                                column * window.step.columns - window.before.columns + j
                                * window.spacing.columns
                            let place = ((filter * depth + channel) * window.height + i) * window.width + j
                            sum += tensors[0][place] * x[group * depth + channel, y, z]
                        }
                    }
                }
                return sum
            }
        case .affine:
            return Planes(shape) { inputs[0][$0, $1, $2] * tensors[0][$0] + tensors[1][$0] }
        case .batchNormalization(let epsilon):
            return Planes(shape) { channel, row, column in
                let centred = inputs[0][channel, row, column] - tensors[2][channel]
                let spread = (tensors[3][channel] + epsilon).squareRoot()
                return centred / spread * tensors[0][channel] + tensors[1][channel]
            }
        case .prelu:
            return Planes(shape) { channel, row, column in
                let x = inputs[0][channel, row, column]
                return x > 0 ? x : x * tensors[0][channel]
            }
        case .dropout:
            return inputs[0]
        case .relu:
            return Planes(shape) { max(inputs[0][$0, $1, $2], 0) }
        case .maxPooling(let window):
            return pooled(window) { $0.max() ?? 0 }
        case .averagePooling(let window):
            return pooled(window, mean)
        case .globalAveragePooling:
            let size = inputs[0].shape.height * inputs[0].shape.width
            return Planes(shape) { channel, _, _ in
                mean(Array(inputs[0].values[channel * size..<(channel + 1) * size]))
            }
        case .operation: fatalError("operations have tests of their own")
        case .add:
            return Planes(shape) { inputs[0][$0, $1, $2] + inputs[1][$0, $1, $2] }
        case .fullyConnected(_, let bias):
            let x = inputs[0].values
            return Planes(shape) { output, _, _ in
                x.indices.reduce(bias ? tensors[1][output] : 0) {
                    $0 + tensors[0][output * x.count + $1] * x[$1]
                }
            }
        }
    }
}

/// Runs `graph` the fast way on images given plane by plane.
func execute(
    _ graph: Graph, _ weights: some WeightSource, _ images: [[Float]], threads: Int = 1
) throws -> [[Float]] {
    let executor = try Executor(graph, weights: weights, threads: threads)
    let shape = graph.inputShape
    let plane = shape.height * shape.width
    let flat = try unsafe executor.run(count: images.count) { index, image in
        for place in 0..<shape.count {
            unsafe image[place] = images[index][place % shape.channels * plane + place / shape.channels]
        }
    }
    let size = graph.outputShape.count
    return images.indices.map { Array(flat[$0 * size..<($0 + 1) * size]) }
}

/// Tensors for every parameter of `graph`: those given, else random ones of a fixed seed.
func tensors(of graph: Graph, _ given: [String: [Float]] = [:], seed: UInt64 = 1) throws -> SafeTensors {
    var random = SeededGenerator(seed: seed)
    var all: [(name: String, shape: [Int], values: [Float])] = []
    for node in graph.nodes {
        for (name, shape) in node.parameters {
            let count = shape.reduce(1, *)
            let fan = Float(shape.dropFirst().reduce(1, *))
            let spread = 1.7 / max(fan, 1).squareRoot()
            let positive = name.hasSuffix(".variance") || name.hasSuffix(".scale")
            let values = (0..<count).map { _ in
                positive ? random.signedUnit() * 0.5 + 1 : random.signedUnit() * spread
            }
            all.append((name, shape, given[name] ?? values))
        }
    }
    return try SafeTensors(bytes: SafeTensors.encode(all), path: "memory")
}

/// The largest difference of two lists; infinite when they differ in length.
func distance(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
