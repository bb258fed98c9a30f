import FaceImage
import Gallery

/// Answers as a table of comma-separated values (RFC 4180), a row for each face, and one for each photo without an answer.
public enum AnswerTable {
    /// The names of the columns, as the first row.
    public static let header = row([
        "photo", "left", "top", "width", "height", "decision", "subject", "similarity", "certainty",
        "second_subject",
        "second_similarity", "threshold", "problem",
    ])

    /// The row of a face; the box is the part that is in the photo.
    public static func row(_ face: IdentifiedFace, of photo: IdentifiedPhoto) -> String {
        let box = face.face.box.clipped(width: photo.width, height: photo.height)
        return row(
            [photo.path, "\(box.x)", "\(box.y)", "\(box.width)", "\(box.height)"] + columns(of: face.answer) + [
                ""
            ])
    }

    /// The row of a photo without an answer.
    public static func row(_ path: String, problem: String) -> String {
        row([path] + Array(repeating: "", count: 11) + [problem])
    }

    private static func columns(of answer: Answer) -> [String] {
        func candidate(_ place: Int) -> [String] {
            guard answer.candidates.count > place else { return ["", ""] }
            return [answer.candidates[place].subject, "\(answer.candidates[place].similarity)"]
        }
        return [answer.decision.rawValue] + candidate(0) + [answer.certainty?.rawValue ?? ""] + candidate(1)
            + [answer.threshold.map { "\($0)" } ?? ""]
    }

    private static func row(_ fields: [String]) -> String {
        fields.map { field in
            let needsQuotes = field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
            guard needsQuotes else { return field }
            return "\""
                + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                + "\""
        }.joined(separator: ",") + "\r\n"
    }
}
