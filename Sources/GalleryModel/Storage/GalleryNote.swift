/// Something that a gallery keeps besides its references, such as its own threshold: a few bytes under a name.
///
/// The storage does not know what they mean. They are part of the gallery's state: a snapshot contains them.
public struct GalleryNote: Sendable, Hashable {
    /// 1 to 32 small letters and hyphens.
    public let name: String

    /// A note of this name, which must be of 1 to 32 small ASCII letters and hyphens.
    public init(_ name: StaticString) {
        self.name = "\(name)"
        precondition(
            1...32 ~= self.name.utf8.count
                && self.name.utf8.allSatisfy {
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == 0x2D
                },
            "the name of a note has 1 to 32 small letters and hyphens")
    }

    /// The most bytes that a note may have.
    public static let longest = 1 << 16
}

extension GalleryNote {
    /// Refuses bytes that no note may have.
    ///
    /// - Throws: `misuse`.
    public func check(_ bytes: [UInt8]?) throws(StoreError) {
        guard let bytes, bytes.count > Self.longest else { return }
        throw .misuse(
            reason: "the note '\(name)' has \(bytes.count) bytes; at most \(Self.longest) can be kept")
    }
}
