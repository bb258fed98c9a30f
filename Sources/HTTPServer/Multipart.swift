/// A part of a form with files (RFC 7578).
package struct MultipartPart: Sendable, Equatable {
    /// The field's name.
    package let name: String
    /// What it holds.
    package let content: ArraySlice<UInt8>

    /// Why a body is no form.
    package struct Fault: Error, Equatable {
        /// What is wrong, in a few words.
        package let reason: String
    }

    /// Parts that a form may have.
    static let mostParts = 32
    /// Bytes that the head of a part may have.
    static let longestHead = 4_096

    /// The parts of a body, in order.
    ///
    /// - Parameter boundary: as the media type names it.
    /// - Throws: where the body is no form of at most 32 named parts.
    /// - Complexity: O(bytes).
    package static func parts(of body: [UInt8], boundary: String) throws(Fault) -> [MultipartPart] {
        guard (1...70).contains(boundary.utf8.count) else { throw Fault(reason: "its boundary is unusable") }
        let marks = Marks(boundary)
        guard var mark = marks.first(in: body) else { throw Fault(reason: "its boundary does not occur") }
        var parts: [MultipartPart] = []
        while !mark.isLast {
            guard parts.count < mostParts else { throw Fault(reason: "it has more than \(mostParts) parts") }
            // The line end of a mark may be that of the next one, where a part has nothing at all.
            guard let next = marks.next(in: body, from: mark.end - 2) else {
                throw Fault(reason: "it is cut short: its last boundary is missing")
            }
            parts.append(try part(body[mark.end..<max(mark.end, next.begin)]))
            mark = next
        }
        return parts
    }

    private static func part(_ bytes: ArraySlice<UInt8>) throws(Fault) -> MultipartPart {
        var rest = bytes
        var name: String?
        // Lines of the head, up to an empty one.
        while true {
            let limit = rest.prefix(longestHead)
            guard let end = limit.indices.first(where: { limit[$0...].starts(with: [0x0D, 0x0A]) }) else {
                throw Fault(reason: "the head of a part has no end")
            }
            let line = rest[rest.startIndex..<end]
            rest = rest[(end + 2)...]
            if line.isEmpty { break }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw Fault(reason: "the head of a part is no UTF-8")
            }
            name = name ?? fieldName(text)
        }
        guard let name else { throw Fault(reason: "a part has no name") }
        return MultipartPart(name: name, content: rest)
    }

    private static func fieldName(_ line: String) -> String? {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "content-disposition" else { return nil }
        var rest = parts[1]
        MediaType.skipBlanks(&rest)
        guard MediaType.token(&rest)?.lowercased() == "form-data" else { return nil }
        return MediaType.parameters(&rest)?["name"]
    }

}

/// Finds the lines that part a form: the boundary after two hyphens, and nothing else but blanks, or two hyphens more.
private struct Marks {
    struct Mark {
        /// Where the line end before it is, and where the bytes after it begin.
        let begin: Int
        let end: Int
        let isLast: Bool
    }

    private let pattern: [UInt8]
    private let jumps: [Int]

    init(_ boundary: String) {
        let pattern = Array("\r\n--\(boundary)".utf8)
        var jumps = [Int](repeating: pattern.count, count: 256)
        for (place, byte) in pattern.dropLast().enumerated() { jumps[Int(byte)] = pattern.count - 1 - place }
        (self.pattern, self.jumps) = (pattern, jumps)
    }

    func first(in bytes: [UInt8]) -> Mark? {
        if bytes.starts(with: pattern.dropFirst(2)), let mark = mark(in: bytes, endingAt: pattern.count - 2) {
            return mark
        }
        return next(in: bytes, from: 0)
    }

    /// By Horspool's rule (Practical Fast Searching in Strings, 1980): most bytes of a photo are never looked at.
    func next(in bytes: [UInt8], from start: Int) -> Mark? {
        var end = start + pattern.count
        while end <= bytes.count {
            if bytes[end - 1] == pattern[pattern.count - 1],
                bytes[end - pattern.count..<end].elementsEqual(pattern),
                let mark = mark(in: bytes, endingAt: end)
            {
                return mark
            }
            end += jumps[Int(bytes[end - 1])]
        }
        return nil
    }

    /// The mark whose boundary ends at a place; nil where other bytes follow, as they may within a photo.
    private func mark(in bytes: [UInt8], endingAt end: Int) -> Mark? {
        let begin = end - pattern.count
        if bytes[end...].starts(with: [0x2D, 0x2D]) { return Mark(begin: begin, end: end + 2, isLast: true) }
        var place = end
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
        guard bytes[place...].starts(with: [0x0D, 0x0A]) else { return nil }
        return Mark(begin: begin, end: place + 2, isLast: false)
    }
}
