package import FaceImage

/// A photo that is to be worked on.
public struct PhotoItem: Sendable {
    /// Where it is; `-` is standard input.
    public let path: String
    /// Who it shows, by its folder or name, or by the manifest; empty where neither names a person.
    public let subject: String
    /// Whether the user named this path, rather than a folder above it or a manifest.
    public let isNamed: Bool
    /// Why it cannot even be opened, where that was seen.
    package var problem: String?
    /// Its line in the manifest, from 1.
    public internal(set) var line: Int?
    /// The face that is meant, where the photo may show several; nil for the only one.
    package var face: ChosenPlace?
    /// The photo itself, where it did not come from a path.
    var file: PhotoFile?
    /// The further columns of the manifest.
    public internal(set) var metadata: [String: String] = [:]

    package init(
        path: String, subject: String?, isNamed: Bool, problem: String? = nil, line: Int? = nil,
        metadata: [String: String] = [:]
    ) {
        (self.path, self.subject, self.isNamed) = (path, subject ?? "", isNamed)
        (self.problem, self.line, self.metadata) = (problem, line, metadata)
    }
}

/// A face of a photo that was looked at before.
package struct ChosenPlace: Sendable, Equatable {
    /// Where it was found.
    package let box: FaceBox
    /// SHA-256 of the photo's file then, 32 bytes.
    package let digest: [UInt8]

    package init(box: FaceBox, digest: [UInt8]) { (self.box, self.digest) = (box, digest) }
}
