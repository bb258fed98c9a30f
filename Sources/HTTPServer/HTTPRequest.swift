/// A request that has come whole.
package struct HTTPRequest: Sendable {
    /// What came before the body.
    package let head: HTTPHead
    /// The body, empty where there is none.
    package let body: [UInt8]
    /// The account of the exchange that it belongs to.
    package let exchange: HTTPExchange

    /// Collects the parts.
    package init(head: HTTPHead, body: [UInt8], exchange: HTTPExchange) {
        (self.head, self.body, self.exchange) = (head, body, exchange)
    }

    /// The media type of the body; nil where the request names none, or one that is not well-formed.
    package var mediaType: MediaType? { head.field("content-type").flatMap(MediaType.init) }
}
