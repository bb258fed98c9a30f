/// The client of a stream has gone: there is nobody to write for.
package struct HTTPClientGone: Error {}

/// Takes the parts of an answer whose length is not known.
package struct HTTPBodyWriter {
    let put: ([UInt8]) -> Bool

    /// Sends bytes; waits while the client takes none.
    ///
    /// - Throws: where the client has gone, or was cut off because it takes too little.
    package func write(_ bytes: [UInt8]) throws(HTTPClientGone) {
        guard bytes.isEmpty || put(bytes) else { throw HTTPClientGone() }
    }
}

/// An answer.
package struct HTTPResponse: Sendable {
    /// What follows the head.
    package enum Body: Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// What the closure writes. If it throws, the client sees that the answer was cut short.
        case stream(@Sendable (HTTPBodyWriter) throws -> Void)
    }

    /// The status, 200…599.
    package var status: Int
    /// Header fields.
    ///
    /// One that would break out of its line is left out.
    package var fields: [(name: String, value: String)]
    /// What follows the head.
    package var body: Body

    /// Collects the parts.
    package init(status: Int, fields: [(name: String, value: String)] = [], body: Body = .bytes([])) {
        (self.status, self.fields, self.body) = (status, fields, body)
    }

    /// An answer with bytes of one media type.
    package init(_ status: Int = 200, _ mediaType: String, _ bytes: [UInt8]) {
        self.init(status: status, fields: [("Content-Type", mediaType)], body: .bytes(bytes))
    }
}
