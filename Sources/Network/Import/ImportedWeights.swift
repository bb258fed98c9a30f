internal import Onnx

/// The tensors of an imported network, by the names that its graph gives them.
struct ImportedWeights: WeightSource {
    /// What errors call the file.
    let path: String
    private var all: [String: OnnxTensor] = [:]

    init(path: String) { self.path = path }

    mutating func set(_ name: String, _ tensor: OnnxTensor) { all[name] = tensor }

    /// - Throws: `badWeights` when it is missing, of another shape, or not finite.
    func values(_ name: String, shape: [Int]) throws(NetworkError) -> [Float] {
        guard let tensor = all[name] else { throw .badWeights(path: path, reason: "tensor \(name) is missing") }
        guard tensor.shape == shape else {
            throw .badWeights(path: path, reason: "tensor \(name) has shape \(tensor.shape), not \(shape)")
        }
        guard tensor.isFinite else {
            throw .badWeights(path: path, reason: "tensor \(name) has numbers that are not finite")
        }
        return tensor.floats
    }
}
