package import GalleryModel
import Glibc
package import VectorFiles

/// JSON Lines on standard input, `{"subject": …, "embedding": […]}` each.
///
/// Memory: one block, and some ten times the longest line. A line that cannot be used is refused by its number.
package final class JSONLinesInput: TemplateInput {
    package let origin = "stdin"
    package let total: Int? = nil
    private let dimension: Int
    private let lines: JSONLineObjects

    /// Reads what a descriptor gives.
    package init(dimension: Int, descriptor: Int32 = STDIN_FILENO) throws(VectorFileError) {
        self.dimension = dimension
        lines = try JSONLineObjects(descriptor: descriptor)
    }

    package func hasMore(within seconds: Double) -> Bool { lines.hasMore(within: seconds) }

    package func fill(_ batch: inout TemplateBatch, limit: Int, refuse: (RefusedRow) -> Void) throws -> Int {
        var count = 0
        // What a slow program has written so far is handed over before more of it is waited for.
        while count < limit, count == 0 || lines.hasMoreAtOnce, let next = try lines.next() {
            let line = lines.line
            let item: JSONObject
            switch next {
            case .blank: continue
            case .unusable(let fault):
                refuse(RefusedRow(line, .badEntry, fault))
                count += 1
                continue
            case .object(let object):
                item = object
                count += 1
            }
            guard let subject = unsafe item.utf8("subject"), let embedding = unsafe item.floats("embedding")
            else {
                refuse(
                    RefusedRow(
                        line, .badEntry,
                        "needs a \"subject\" that is a text and an \"embedding\" that is a list of numbers")
                )
                continue
            }
            guard embedding.count == dimension else {
                refuse(RefusedRow(line, dimension: embedding.count, expected: dimension))
                continue
            }
            do throws(StoreError) {
                try unsafe batch.append(template: embedding, subject: subject, row: line)
            } catch { refuse(RefusedRow(line, error)) }
        }
        return count
    }
}
