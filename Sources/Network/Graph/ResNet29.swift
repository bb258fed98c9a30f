/// dlib's face network: 29 convolutions, of which pairs are bridged by what went in (He et al., 2015).
///
/// As dlib has it, a convolution that halves its input is not padded, the bridge around it is a mean over
/// 2×2 pixels, and where the two differ in size the smaller is filled with zeros.
///
/// - Parameters:
///   - side: width and height of a chip in pixels.
///   - dimension: numbers in an embedding, 1 or more.
///   - dropout: share of the means before the embedding that training leaves out, 0..<1.
/// - Returns: from 3 × side × side to `dimension` × 1 × 1, not yet of unit length.
public func resNet29(side: Int = 150, dimension: Int = 128, dropout: Float = 0) throws(NetworkError) -> Graph {
    var graph = try Graph(input: TensorShape(channels: 3, height: side, width: side))

    func convolve(
        _ x: Graph.Value, _ name: String, _ filters: Int, _ window: Window, relu: Bool
    ) throws(NetworkError) -> Graph.Value {
        let layer = GraphLayer.convolution(filters: filters, window: window, groups: 1, bias: true)
        let sums = try graph.add("\(name).convolution", layer, [x])
        let scaled = try graph.add("\(name).affine", .affine, [sums])
        return relu ? try graph.add("\(name).relu", .relu, [scaled]) : scaled
    }

    func block(_ x: Graph.Value, _ name: String, _ filters: Int, halving: Bool) throws(NetworkError)
        -> Graph.Value
    {
        let window = halving ? Window(3, stride: 2) : Window(3, padding: 1)
        let first = try convolve(x, "\(name).first", filters, window, relu: true)
        let second = try convolve(first, "\(name).second", filters, Window(3, padding: 1), relu: false)
        let bridge = halving ? try graph.add("\(name).bridge", .averagePooling(Window(2, stride: 2)), [x]) : x
        return try graph.add("\(name).relu", .relu, [try graph.add("\(name).sum", .add, [second, bridge])])
    }

    var x = try convolve(graph.input, "stem", 32, Window(7, stride: 2), relu: true)
    x = try graph.add("stem.pooling", .maxPooling(Window(3, stride: 2)), [x])
    let stages = [(32, 3), (64, 4), (128, 3), (256, 3), (256, 1)]
    for (stage, (filters, blocks)) in stages.enumerated() {
        for index in 1...blocks {
            x = try block(x, "stage\(stage + 1).block\(index)", filters, halving: stage > 0 && index == 1)
        }
    }
    x = try graph.add("pooling", .globalAveragePooling, [x])
    if dropout != 0 { x = try graph.add("dropout", .dropout(rate: dropout), [x]) }
    try graph.add("embedding", .fullyConnected(outputs: dimension, bias: false), [x])
    return graph
}
