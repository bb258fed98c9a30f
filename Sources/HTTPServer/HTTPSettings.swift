import Concurrency

/// The limits of a server.
package struct HTTPSettings: Sendable {
    /// Threads that read requests and write answers.
    package var threads = min(4, ProcessorCount.online)
    /// Threads that the engine works on.
    package var engineThreads = ProcessorCount.online
    /// Answers that are written while they are made, at once.
    package var streams = 4
    /// Requests that may wait for a thread.
    package var queue = 256
    /// Connections at once.
    package var connections = 1_024
    /// Connections at once from one address.
    package var connectionsPerAddress = 256
    /// Seconds in which the whole head of a request must come.
    package var headSeconds = 10.0
    /// Seconds for which a connection may wait for its next request.
    package var idleSeconds = 60.0
    /// Seconds that a body may take, and one more for each `bytesPerSecond`.
    package var bodySeconds = 30.0
    /// Seconds that an answer may take, and one more for each `bytesPerSecond`.
    package var sendSeconds = 30.0
    /// The rate that is expected of any client, in bytes a second.
    package var bytesPerSecond = 65_536.0
    /// Bytes of the bodies of all requests together.
    package var bodyBytes = 1 << 29

    /// The default limits.
    package init() {}
}
