/// What gives a graph its tensors by name: a file, or the parameters of a network that is being trained.
public protocol WeightSource: Sendable {
    /// The values of a tensor, row-major.
    ///
    /// - Throws: `badWeights` when it is missing, of another shape, or not finite.
    func values(_ name: String, shape: [Int]) throws(NetworkError) -> [Float]
}

extension SafeTensors: WeightSource {}

extension NetworkParameters: WeightSource {
    /// The values of a tensor, row-major; linear in the number of tensors.
    ///
    /// - Throws: `badWeights` when it is missing, of another shape, or not finite.
    public func values(_ name: String, shape: [Int]) throws(NetworkError) -> [Float] {
        let path = "the parameters in memory"
        guard let entry = entry(name) else {
            throw .badWeights(path: path, reason: "tensor \(name) is missing")
        }
        guard entry.shape == shape else {
            throw .badWeights(path: path, reason: "tensor \(name) has shape \(entry.shape), not \(shape)")
        }
        let values = Array(self.values[entry.range])
        guard values.allSatisfy(\.isFinite) else {
            throw .badWeights(path: path, reason: "tensor \(name) has numbers that are not finite")
        }
        return values
    }
}
