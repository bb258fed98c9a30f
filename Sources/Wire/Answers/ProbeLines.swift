internal import Enrollment
package import VectorFiles

/// Probes as JSON Lines, such as those on standard input: `{"embedding": […]}` each; other members are ignored.
///
/// Memory: one block, and some ten times the longest line.
package final class ProbeLines {
    /// Why a line is no probe.
    package struct Fault: Error {
        /// One line that says so.
        package let text: String
    }

    /// A line that is not blank.
    package struct Row {
        /// Its number, from 1.
        package let line: Int
        /// Its template, as it was written; or why there is none.
        package let content: Result<[Float], Fault>
    }

    /// What messages call the input.
    package let origin = "stdin"
    private let dimension: Int
    private let lines: JSONLineObjects

    /// Reads what a descriptor gives, standard input where none is named.
    package init(dimension: Int, descriptor: Int32 = 0) throws(VectorFileError) {
        self.dimension = dimension
        lines = try JSONLineObjects(descriptor: descriptor)
    }

    /// The next lines, as many as have come; nil at the end.
    package func next(atMost limit: Int) throws -> [Row]? {
        var rows: [Row] = []
        // What a slow program has written so far is answered before more of it is waited for.
        while rows.count < limit, rows.isEmpty || lines.hasMoreAtOnce, let next = try lines.next() {
            switch next {
            case .blank: continue
            case .object(let item): rows.append(Row(line: lines.line, content: template(in: item)))
            case .unusable(let fault):
                rows.append(Row(line: lines.line, content: .failure(Fault(text: fault))))
            }
        }
        return rows.isEmpty ? nil : rows
    }

    private func template(in item: JSONObject) -> Result<[Float], Fault> {
        guard let embedding = unsafe item.floats("embedding") else {
            return .failure(Fault(text: "needs an \"embedding\" that is a list of numbers"))
        }
        guard embedding.count == dimension else {
            return .failure(
                Fault(
                    text:
                        "its embedding has \(embedding.count) numbers, but the gallery's templates have \(dimension)"
                ))
        }
        return .success(unsafe Array(embedding))
    }
}
