/// What a server serves.
///
/// Safe from any thread.
package protocol HTTPApplication: Sendable {
    /// Judges a request by its head, before its body is read.
    ///
    /// Called on the threads that serve all connections: it must not block.
    func admit(_ head: HTTPHead, _ exchange: HTTPExchange) -> HTTPAdmission

    /// The form of a failure of the server itself.
    func response(to failure: HTTPFailure, _ exchange: HTTPExchange) -> HTTPResponse

    /// An exchange is over. Called on the threads that serve all connections: it must not block.
    func ended(_ exchange: HTTPExchange)
}

/// What becomes of a request after its head was judged.
package enum HTTPAdmission: Sendable {
    /// It is answered at once, and its body is not read.
    case answer(HTTPResponse)
    /// Its body is read, and then it is worked on.
    case accept(HTTPWork)
}

/// How a request is worked on.
package struct HTTPWork: Sendable {
    /// Where the work is done.
    package enum Lane: Sendable {
        /// On the connection's thread: it takes less than a millisecond and never blocks.
        case immediate
        /// On one of the threads for the engine, after those that came before.
        case engine
        /// On one of the threads for answers that are written while they are made: these wait for their clients.
        case stream
    }

    /// Bytes that the body may have.
    package var bodyLimit: Int
    /// Where the work is done.
    package var lane: Lane
    /// Does the work.
    package var respond: @Sendable (HTTPRequest) -> HTTPResponse

    /// Collects the parts.
    package init(
        bodyLimit: Int, lane: Lane, respond: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) {
        (self.bodyLimit, self.lane, self.respond) = (bodyLimit, lane, respond)
    }
}
