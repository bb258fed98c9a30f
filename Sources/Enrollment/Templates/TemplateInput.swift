package import GalleryModel

/// Where given templates with their subjects come from, a batch at a time.
package protocol TemplateInput: AnyObject {
    /// What the user calls it; references have the source `origin:row`.
    var origin: String { get }
    /// Rows in all; nil if that is not known before the end.
    var total: Int? { get }

    /// Whether something can be read, or the end be seen, within so many seconds.
    func hasMore(within seconds: Double) -> Bool

    /// Fills an empty batch with the next rows, at most `limit`; returns how many rows were read, 0 at the end.
    ///
    /// Rows that cannot be stored are handed to `refuse`.
    func fill(_ batch: inout TemplateBatch, limit: Int, refuse: (RefusedRow) -> Void) throws -> Int
}

extension TemplateInput {
    /// A file has all that it will have.
    package func hasMore(within seconds: Double) -> Bool { true }
}
