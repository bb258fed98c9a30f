/// A path with named places, such as `/v1/galleries/{gallery}`.
package struct PathTemplate: Sendable, Equatable {
    private enum Segment: Sendable, Equatable {
        case literal(String)
        case place(String)
    }

    /// As it is written.
    package let text: String
    private let segments: [Segment]

    /// Reads a template.
    package init(_ text: String) {
        self.text = text
        segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .place(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
    }

    /// The names of its places, in order.
    package var places: [String] {
        segments.compactMap { if case .place(let name) = $0 { name } else { nil } }
    }

    /// What stands in the places of a path, by name; nil where the path is another.
    ///
    /// - Parameter path: decoded segments.
    package func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var found: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            // Byte for byte: letters that only look the same are others.
            case .literal(let literal): guard literal.utf8.elementsEqual(text.utf8) else { return nil }
            case .place(let name): found[name] = text
            }
        }
        return found
    }
}
