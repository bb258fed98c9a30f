/// Why a network could not be loaded or run, with the facts of the case.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller may do about it.
    public enum Kind: Sendable {
        /// A file or folder does not exist, or may not be read.
        case missing
        /// An input exists and is not what it should be.
        case badData
        /// A file could not be written.
        case cannotWrite
        /// The machine could not do the work (too little memory, or an operation that oneDNN lacks).
        case failed
    }

    /// A file could not be read; `reason` is the system's.
    case unreadable(path: String, reason: String)
    /// A file could not be written; `reason` is the system's.
    case cannotWrite(path: String, reason: String)
    /// The card does not describe a network this build can run.
    case badCard(path: String, reason: String)
    /// The weights are not those that the card names.
    case wrongWeights(path: String, expected: String, found: String)
    /// The file of weights is damaged, or lacks what the architecture needs.
    case badWeights(path: String, reason: String)
    /// The file is not an ONNX model that can be run; `reason` names the node.
    case badModel(path: String, reason: String)
    /// A chip does not have side × side × 3 bytes.
    case wrongChip(index: Int, bytes: Int, side: Int)
    /// The layers do not fit together.
    case badGraph(layer: String, reason: String)
    /// An argument is outside its range.
    case badArgument(name: String, reason: String)
    /// oneDNN, or the system's memory, refused a call.
    case refused(call: String, layer: String, status: Int)
    /// A template contains a number that is not finite, or is zero.
    case notFinite(index: Int)

    /// The class of the error, for exit codes.
    public var kind: Kind {
        switch self {
        case .unreadable: .missing
        case .badCard, .wrongWeights, .badWeights, .badModel, .wrongChip, .badGraph, .badArgument, .notFinite:
            .badData
        case .cannotWrite: .cannotWrite
        case .refused: .failed
        }
    }

    /// One line that names the input and, if there is one, the remedy.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "cannot read \(path): \(reason)"
        case .cannotWrite(let path, let reason):
            "cannot write \(path): \(reason)"
        case .badCard(let path, let reason):
            "\(path) is not a card of a network: \(reason)"
        case .wrongWeights(let path, let expected, let found):
            "\(path) is not the file that its card names: its SHA-256 is \(found), expected \(expected); fetch it again"
        case .badWeights(let path, let reason):
            "\(path) cannot be used as weights: \(reason)"
        case .badModel(let path, let reason):
            "\(path) cannot be used as a network: \(reason)"
        case .wrongChip(let index, let bytes, let side):
            "chip \(index) has \(bytes) bytes; the network takes \(side)×\(side) RGB, \(side * side * 3) bytes"
        case .badGraph(let layer, let reason):
            "layer \(layer): \(reason)"
        case .badArgument(let name, let reason):
            "\(name) \(reason)"
        case .refused(let call, let layer, let status):
            "cannot run layer \(layer): \(call) failed, \(status == 1 ? "out of memory" : "oneDNN status \(status)")"
        case .notFinite(let index):
            "the network's template for chip \(index) is zero or not finite"
        }
    }
}
