package import Enrollment

/// A given template that was refused: a line of `enroll --embeddings`, and of its rejects file.
public struct TemplateRefusalRecord: Codable, Hashable, Sendable {
    /// `refused`.
    public var status: String
    /// The file; `stdin` for JSON Lines on standard input.
    public var file: String
    /// Its row in the file, from 0, or its line, from 1.
    public var row: Int
    /// Why it was refused.
    public var reason: String
    /// The reason in one line.
    public var message: String
    /// What was measured, where the reason is a limit.
    public var measured: Double?
    /// The limit it missed.
    public var limit: Double?

    /// A row that was refused.
    package init(_ row: RefusedRow, of file: String) {
        (status, self.file, self.row, reason) = ("refused", file, row.row, row.reason.rawValue)
        message = "\(file): row \(row.row): \(row.fault)"
        (measured, limit) = (row.measured, row.limit)
    }
}
