package import Gallery
internal import GalleryModel

/// A reference whose template cannot be made again: a line of `migrate`, and of its rejects file.
public struct MissingReferenceRecord: Codable, Hashable, Sendable {
    /// `missing`.
    public var event: String
    /// The reference.
    public var reference: Int64
    /// Its subject's name.
    public var subject: String
    /// Where its photo was.
    public var source: String
    /// `given`, `no_photo`, `changed`, `undecodable`, `no_face`, `several_faces`, `no_template` or `damaged_chip`.
    public var reason: String
    /// The reason in one line.
    public var message: String

    /// A reference as the engine has it.
    package init(_ missing: MissingReference) {
        (event, reference, subject) = ("missing", missing.reference, missing.subject)
        (source, reason, message) = (missing.source, missing.reason.rawValue, missing.message)
    }
}
