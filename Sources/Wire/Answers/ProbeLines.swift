internal import Enrollment
package import VectorFiles

/// Probes as JSON Lines, such as those on standard input: `{"embedding": […]}` or `{"photo": "a.jpg"}` each, with an
/// `id` of the caller's if it likes; other members are ignored.
///
/// Memory: one block, and some ten times the longest line.
package final class ProbeLines {
    /// Why a line is no probe.
    package struct Fault: Error {
        /// One line that says so.
        package let text: String
    }

    /// What is to be searched.
    package enum Probe {
        /// A template, as it was written.
        case template([Float])
        /// The path of a photo.
        case photo(String)
    }

    /// A line that is not blank.
    package struct Row {
        /// Its number, from 1.
        package let line: Int
        /// The caller's own name for it.
        package let id: String?
        /// What is to be searched; or why nothing can be.
        package let content: Result<Probe, Fault>
    }

    /// What messages call the input.
    package let origin = "stdin"
    private let dimension: Int
    private let takesPhotos: Bool
    private let lines: JSONLineObjects

    /// Reads what a descriptor gives, standard input where none is named.
    ///
    /// - Parameter takesPhotos: whether a line may name a photo.
    package init(
        dimension: Int, takesPhotos: Bool = false, descriptor: Int32 = 0
    ) throws(VectorFileError) {
        (self.dimension, self.takesPhotos) = (dimension, takesPhotos)
        lines = try JSONLineObjects(descriptor: descriptor)
    }

    /// The next lines, as many as have come; nil at the end.
    package func next(atMost limit: Int) throws -> [Row]? {
        var rows: [Row] = []
        // What a slow program has written so far is answered before more of it is waited for.
        while rows.count < limit, rows.isEmpty || lines.hasMoreAtOnce, let next = try lines.next() {
            switch next {
            case .blank: continue
            case .object(let item):
                rows.append(Row(line: lines.line, id: id(in: item), content: probe(in: item)))
            case .unusable(let fault):
                rows.append(Row(line: lines.line, id: nil, content: .failure(Fault(text: fault))))
            }
        }
        return rows.isEmpty ? nil : rows
    }

    private func id(in item: JSONObject) -> String? {
        unsafe item.utf8("id").map { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
    }

    private func probe(in item: JSONObject) -> Result<Probe, Fault> {
        if takesPhotos, let photo = unsafe item.utf8("photo") {
            return .success(.photo(unsafe String(decoding: photo, as: UTF8.self)))
        }
        guard let embedding = unsafe item.floats("embedding") else {
            let other = takesPhotos ? "a \"photo\" that is a path, or " : ""
            return .failure(Fault(text: "needs \(other)an \"embedding\" that is a list of numbers"))
        }
        guard embedding.count == dimension else {
            return .failure(
                Fault(
                    text:
                        "its embedding has \(embedding.count) numbers, but the gallery's templates have \(dimension)"
                ))
        }
        return .success(.template(unsafe Array(embedding)))
    }
}
