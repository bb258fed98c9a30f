import Glibc
package import VectorFiles

/// Objects on standard input, one a line.
///
/// Memory: one block, and some ten times the longest line.
package final class JSONLineObjects {
    /// Longer than any line that can be used.
    private static let longestLine = 1 << 20

    /// What a line is.
    package enum Line {
        /// Blanks part nothing from nothing.
        case blank
        /// Lent until the next line is read.
        case object(JSONObject)
        /// Why it can be of no use.
        case unusable(String)
    }

    private let lines: LineReader
    private let objects: JSONObjectReader

    /// Reads what a descriptor gives.
    package init(descriptor: Int32) throws(VectorFileError) {
        lines = try LineReader(descriptor: descriptor, longest: Self.longestLine)
        objects = try JSONObjectReader(name: lines.name)
    }

    /// The number of the line that was read last, from 1.
    package var line: Int { lines.line }

    /// Whether a line can be had without waiting.
    package var hasMoreAtOnce: Bool { lines.hasMoreAtOnce }

    /// Whether something can be read, or the end be seen, within so many seconds.
    package func hasMore(within seconds: Double) -> Bool { lines.hasMore(within: seconds) }

    /// The next line; nil after the last.
    package func next() throws -> Line? {
        switch try lines.next() {
        case nil: return nil
        case .tooLong: return .unusable("is longer than \(Self.longestLine) bytes")
        case .whole(let text), .unended(let text):
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return .blank }
            guard let object = try objects.object(in: text) else {
                return .unusable("is not a valid JSON object")
            }
            return .object(object)
        }
    }
}
