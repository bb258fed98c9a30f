internal import Onnx
internal import Synchronization

/// The tensors of an imported network, by the names that its graph gives them.
///
/// They are given away: each is read once, and is then its reader's alone, who may change it without a copy. A network
/// has tens of megabytes of them.
final class ImportedWeights: WeightSource {
    /// What errors call the file.
    let path: String
    private let all: Mutex<[String: OnnxTensor]>

    init(_ all: [String: OnnxTensor], path: String) {
        self.path = path
        self.all = Mutex(all)
    }

    /// - Throws: `badWeights` when it is missing, of another shape, or not finite.
    func values(_ name: String, shape: [Int]) throws(NetworkError) -> [Float] {
        guard let tensor = all.withLock({ $0.removeValue(forKey: name) }) else {
            throw .badWeights(path: path, reason: "tensor \(name) is missing")
        }
        guard tensor.shape == shape else {
            throw .badWeights(path: path, reason: "tensor \(name) has shape \(tensor.shape), not \(shape)")
        }
        guard tensor.isFinite else {
            throw .badWeights(path: path, reason: "tensor \(name) has numbers that are not finite")
        }
        return tensor.floats
    }
}
