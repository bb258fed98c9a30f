/// Why a network could not be trained, with the facts of the case.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An argument is outside its range.
    case badArgument(name: String, reason: String)
    /// oneDNN, or the system's memory, refused a call.
    case refused(call: String, layer: String, status: Int)

    /// One line that names the input and, where there is one, the remedy.
    public var description: String {
        switch self {
        case .badArgument(let name, let reason): "\(name) \(reason)"
        case .refused(let call, let layer, let status):
            "cannot train layer \(layer): \(call) failed, \(status == 1 ? "out of memory" : "oneDNN status \(status)")"
        }
    }
}
