/// The small convolutional tower that introductions to Siamese networks train on whole photos.
///
/// Two 3×3 convolutions without padding, each with `relu` and a 2×2 maximum, then one matrix: at side 128 and
/// dimension 128 it has 7,392,320 parameters, nearly all of them in the matrix.
///
/// - Parameters:
///   - side: width and height of a chip in pixels, 10 or more.
///   - dimension: numbers in an embedding, 1 or more.
///   - dropout: share of the matrix's inputs that training leaves out, 0..<1.
/// - Returns: from 3 × side × side to `dimension` × 1 × 1, not yet of unit length.
/// - Throws: `badGraph` for a side below 10, a dimension below 1 or a dropout outside 0..<1.
public func siameseSmall(
    side: Int = 128, dimension: Int = 128, dropout: Float = 0
) throws(NetworkError) -> Graph {
    var graph = try Graph(input: TensorShape(channels: 3, height: side, width: side))
    var x = graph.input
    for (block, filters) in [32, 64].enumerated() {
        let name = "block\(block + 1)"
        let layer = GraphLayer.convolution(filters: filters, window: Window(3), groups: 1, bias: true)
        x = try graph.add("\(name).convolution", layer, [x])
        x = try graph.add("\(name).relu", .relu, [x])
        x = try graph.add("\(name).pooling", .maxPooling(Window(2, stride: 2)), [x])
    }
    if dropout != 0 { x = try graph.add("dropout", .dropout(rate: dropout), [x]) }
    try graph.add("embedding", .fullyConnected(outputs: dimension, bias: true), [x])
    return graph
}
