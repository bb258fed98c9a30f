import Synchronization

/// The account of a request and its answer, for logs and figures.
///
/// Safe from any thread.
package final class HTTPExchange: Sendable {
    /// What is known when the exchange is over.
    package struct Account: Sendable {
        /// The status of the answer; 0 where there was none.
        package var status = 0
        /// Whether the answer was handed over whole.
        package var isSent = false
        /// Bytes of the request's body.
        package var bodyBytes = 0
        /// Seconds until the whole request had come, then until its work began, then until its work was done, then until
        /// the answer was handed over.
        package var receiving = 0.0, waiting = 0.0, working = 0.0, sending = 0.0
        /// What the application notes, by name: of no photo, template or subject's name.
        package var notes: [String: String] = [:]
        /// Seconds of the parts of the work, by name.
        package var stages: [(name: String, seconds: Double)] = []
        /// When the last step ended.
        var last = ContinuousClock.now

        /// Seconds of all.
        package var total: Double { receiving + waiting + working + sending }

        mutating func lap() -> Double {
            let now = ContinuousClock.now
            defer { last = now }
            return (now - last) / .seconds(1)
        }
    }

    /// The number of the exchange, which answers and logs have.
    package let id: String
    /// The method of the request.
    package let method: String
    private let state = Mutex(Account())

    package init(id: String, method: String) { (self.id, self.method) = (id, method) }

    /// What is known so far.
    package var account: Account { state.withLock { $0 } }

    /// Notes something, such as the verb.
    package func note(_ name: String, _ value: String) { state.withLock { $0.notes[name] = value } }

    /// Runs a part of the work and notes how long it took.
    package func timed<Result, Failure: Error>(
        _ stage: String, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = ContinuousClock.now
        defer {
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            state.withLock { $0.stages.append((stage, seconds)) }
        }
        return try body()
    }

    func change(_ body: (inout Account) -> Void) { state.withLock { body(&$0) } }

    /// A number for a request without one: 16 hexadecimal digits.
    static func newID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// A number that the client or a proxy has given, if it is one that logs can hold.
    static func usableID(_ text: String?) -> String? {
        guard let text, (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ byte in
                byte == 0x2D || byte == 0x2E || byte == 0x5F || (0x30...0x39).contains(byte)
                    || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            })
        else { return nil }
        return text
    }
}
