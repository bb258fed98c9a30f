/// Why bytes are not a network that this module reads.
public enum OnnxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// They are no ONNX model, a damaged one, or one beyond the limits; `reason` says what is wrong.
    case notAModel(reason: String)
    /// A node is of a kind, or has a setting, that is not supported; `remedy` says what to do.
    case unsupported(node: String, operation: String, reason: String)
    /// The reader has no memory left.
    case noMemory

    /// One line with the facts.
    public var description: String {
        switch self {
        case .notAModel(let reason): reason
        case .unsupported(let node, let operation, let reason): "node \(node) (\(operation)): \(reason)"
        case .noMemory: "there is not enough memory to read it"
        }
    }
}
