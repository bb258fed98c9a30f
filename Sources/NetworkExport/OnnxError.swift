public import Network

/// Why a network could not be written as an ONNX file.
public enum OnnxError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The network itself could not be read, or the file not be written.
    case network(NetworkError)
    /// onnx refused the model, or had no memory for it; `reason` is its own.
    case refused(network: String, reason: String)
    /// An ONNX file ends at 2 GiB.
    case tooLarge(network: String)

    /// The class of the error, for exit codes.
    public var kind: NetworkError.Kind {
        switch self {
        case .network(let error): error.kind
        case .refused, .tooLarge: .failed
        }
    }

    /// One line that names the network and the reason.
    public var description: String {
        switch self {
        case .network(let error): error.description
        case .refused(let network, let reason): "network \(network) cannot be written as ONNX: \(reason)"
        case .tooLarge(let network): "network \(network) is larger than the 2 GiB that an ONNX file may have"
        }
    }
}
