import Glibc
import VectorFiles

/// Probes as JSON Lines on standard input, `{"embedding": […]}` each; other members are passed over.
///
/// Memory: one block, and some ten times the longest line.
final class JSONProbeInput {
    /// Longer than any line that can be used.
    private static let longestLine = 1 << 20

    /// Why a line is no probe.
    struct Fault: Error { let text: String }

    /// A line that is not blank.
    struct Row {
        let line: Int
        let content: Result<[Float], Fault>
    }

    let origin = "stdin"
    private let dimension: Int
    private let lines: LineReader
    private let objects: JSONObjectReader

    /// Reads what a descriptor gives.
    init(dimension: Int, descriptor: Int32 = STDIN_FILENO) throws(VectorFileError) {
        self.dimension = dimension
        lines = try LineReader(descriptor: descriptor, longest: Self.longestLine)
        objects = try JSONObjectReader(name: lines.name)
    }

    /// The next lines, as many as have come; nil at the end.
    func next(atMost limit: Int) throws -> [Row]? {
        var rows: [Row] = []
        // What a slow program has written so far is answered before more of it is waited for.
        while rows.count < limit, rows.isEmpty || lines.hasMoreAtOnce, let next = try lines.next() {
            let line = lines.line
            switch next {
            case .whole(let bytes), .unended(let bytes):
                if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
                rows.append(Row(line: line, content: try template(in: bytes)))
            case .tooLong:
                let fault = Fault(text: "is longer than \(Self.longestLine) bytes")
                rows.append(Row(line: line, content: .failure(fault)))
            }
        }
        return rows.isEmpty ? nil : rows
    }

    private func template(in text: ArraySlice<UInt8>) throws -> Result<[Float], Fault> {
        guard let item = try objects.object(in: text) else {
            return .failure(Fault(text: "is not valid JSON, or no object"))
        }
        guard let embedding = unsafe item.floats("embedding") else {
            return .failure(Fault(text: "needs an \"embedding\" of nothing but numbers"))
        }
        guard embedding.count == dimension else {
            return .failure(
                Fault(
                    text:
                        "its embedding has \(embedding.count) numbers, the gallery's templates have \(dimension)"
                ))
        }
        return .success(unsafe Array(embedding))
    }
}
