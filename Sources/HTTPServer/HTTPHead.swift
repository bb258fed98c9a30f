/// What comes before the body of a request: method, target and header fields.
package struct HTTPHead: Sendable {
    /// The method in capitals, as it was sent.
    package let method: String
    /// The decoded segments of the path, of which a slash within one is a part; nil for a target that is not well-formed.
    package let path: [String]?
    /// The decoded names and values of the query, in order; nil for a query that is not well-formed.
    package let query: [(name: String, value: String)]?
    /// Header fields in order, their names in small letters.
    package let fields: [(name: String, value: String)]

    /// Takes a head apart.
    ///
    /// - Parameter target: as it was sent, with its query.
    package init(method: String, target: String, fields: [(name: String, value: String)]) {
        self.method = method
        self.fields = fields.map { ($0.name.lowercased(), $0.value) }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.flatMap(Self.segments)
        query = parts.count > 1 ? Self.pairs(parts[1]) : []
    }

    /// The value of a header field; nil where it is missing, or comes more than once.
    package func field(_ name: String) -> String? {
        let found = fields.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    /// How often a header field comes.
    package func count(of name: String) -> Int { fields.count { $0.name == name } }

    /// The bytes of the body, where the head says how many.
    package var contentLength: Int? { field("content-length").flatMap { Int($0) } }

    /// Whether a body follows.
    package var hasBody: Bool { (contentLength ?? 0) != 0 || count(of: "transfer-encoding") > 0 }

    /// Why this head cannot be trusted; nil where it can.
    ///
    /// What servers before this one might understand otherwise is refused: two lengths, a length and chunks.
    package var fault: String? {
        if path == nil { return "the path is not well-formed: it starts with / and its %-escapes are UTF-8" }
        if query == nil { return "the query is not well-formed: its %-escapes are UTF-8" }
        for name in ["content-length", "transfer-encoding", "authorization", "content-type", "host"]
        where count(of: name) > 1 {
            return "the header field \(name) comes more than once"
        }
        if count(of: "content-length") > 0 {
            if count(of: "transfer-encoding") > 0 { return "there is a content-length and a transfer-encoding" }
            if contentLength.map({ $0 < 0 }) ?? true { return "the content-length is not a number" }
        }
        if let coding = field("transfer-encoding"), coding.lowercased() != "chunked" {
            return "the only transfer-encoding that is understood is chunked"
        }
        return nil
    }

    private static func segments(_ path: Substring) -> [String]? {
        guard path.first == "/" else { return nil }
        var decoded: [String] = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = PercentCoding.decode(segment) else { return nil }
            decoded.append(text)
        }
        return decoded
    }

    private static func pairs(_ query: Substring) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(parts[0], plusIsSpace: true),
                let value = PercentCoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }
}
