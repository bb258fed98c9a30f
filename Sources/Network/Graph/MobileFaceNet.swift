/// A face network of one million parameters (Chen et al., "MobileFaceNets", 2018).
///
/// Blocks widen with 1×1, look around with one 3×3 a channel, and narrow again without an activation; where
/// nothing is halved or widened, what went in is added (Sandler et al., 2018). A last filter a channel, as large as
/// the planes that are left, weighs each place of the face by itself instead of taking a mean.
///
/// - Parameters:
///   - side: 32 or more, so that at least 2×2 pixels are left for the last filter.
///   - dimension: numbers in an embedding, 1 or more.
///   - dropout: share of the values before the embedding that training leaves out, 0..<1.
/// - Returns: from 3 × side × side to `dimension` × 1 × 1, not yet of unit length.
/// - Throws: `badGraph` for a smaller side, a dimension below 1 or a dropout outside 0..<1.
public func mobileFaceNet(
    side: Int = 112, dimension: Int = 128, dropout: Float = 0
) throws(NetworkError) -> Graph {
    guard side >= 32 else { throw .badGraph(layer: "input", reason: "a side of \(side) is below 32") }
    var graph = try Graph(input: TensorShape(channels: 3, height: side, width: side))

    func convolve(
        _ x: Graph.Value, _ name: String, _ filters: Int, _ window: Window, each: Bool = false,
        linear: Bool = false
    ) throws(NetworkError) -> Graph.Value {
        let groups = each ? filters : 1
        let layer = GraphLayer.convolution(filters: filters, window: window, groups: groups, bias: false)
        let sums = try graph.add("\(name).convolution", layer, [x])
        let normal = try graph.add("\(name).normalization", .batchNormalization(epsilon: 1e-5), [sums])
        return linear ? normal : try graph.add("\(name).prelu", .prelu, [normal])
    }

    var x = try convolve(graph.input, "stem.first", 64, Window(3, stride: 2, padding: 1))
    x = try convolve(x, "stem.second", 64, Window(3, padding: 1), each: true)
    var channels = 64
    let stages = [(2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1)]
    for (stage, (widening, filters, blocks, firstStride)) in stages.enumerated() {
        for index in 1...blocks {
            let name = "stage\(stage + 1).block\(index)"
            let stride = index == 1 ? firstStride : 1
            let inner = channels * widening
            var y = try convolve(x, "\(name).widening", inner, Window(1))
            y = try convolve(y, "\(name).depthwise", inner, Window(3, stride: stride, padding: 1), each: true)
            y = try convolve(y, "\(name).narrowing", filters, Window(1), linear: true)
            x = stride == 1 && channels == filters ? try graph.add("\(name).sum", .add, [y, x]) : y
            channels = filters
        }
    }
    x = try convolve(x, "head", 512, Window(1))
    let rest = graph.outputShape
    x = try convolve(
        x, "global", 512, Window(height: rest.height, width: rest.width), each: true, linear: true)
    if dropout != 0 { x = try graph.add("dropout", .dropout(rate: dropout), [x]) }
    x = try graph.add("embedding", .fullyConnected(outputs: dimension, bias: false), [x])
    try graph.add("embedding.normalization", .batchNormalization(epsilon: 1e-5), [x])
    return graph
}
