/// Why the server itself answers a request, and not the application's code for it.
///
/// The application gives these their form, so that all errors look alike.
package enum HTTPFailure: Sendable, Equatable {
    /// The head is not well-formed; `reason` says how.
    case malformed(reason: String)
    /// The body is over the limit, in bytes.
    case bodyTooLarge(limit: Int)
    /// More requests wait than may, or their bodies are over the limit of all together.
    case overloaded
    /// The server is about to end.
    case ending

    /// The status of the answer.
    package var status: Int {
        switch self {
        case .malformed: 400
        case .bodyTooLarge: 413
        case .overloaded, .ending: 503
        }
    }
}
