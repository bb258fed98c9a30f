/// What is fixed when a gallery is created; only a change of its network (`migrate`) changes it.
public struct StoreSettings: Sendable, Hashable, Codable {
    /// How many numbers a template has: a multiple of 4 from 16 to 2048.
    public var dimension: Int
    /// Name of the network that makes the templates, 1...255 bytes of UTF-8.
    public var networkName: String
    /// Fingerprint of that network's weights (SHA-256 in hexadecimal, say), 1...255 bytes of UTF-8.
    public var networkFingerprint: String
    /// Whether references may have chips: pictures of the faces that their templates were made from.
    public var keepsChips: Bool

    /// Collects the settings; `check` says whether a gallery can have them.
    public init(
        dimension: Int, networkName: String, networkFingerprint: String, keepsChips: Bool = false
    ) {
        self.dimension = dimension
        self.networkName = networkName
        self.networkFingerprint = networkFingerprint
        self.keepsChips = keepsChips
    }

    /// The dimensions that a gallery may have; only multiples of 4.
    public static let dimensions = 16...2048
}

extension StoreSettings {
    /// Bytes of UTF-8 that a network's name, or its fingerprint, may have.
    public static let networkTexts = 1...255

    /// Refuses settings that no gallery may have.
    ///
    /// - Throws: `invalidSettings`.
    public func check() throws(StoreError) {
        guard Self.dimensions.contains(dimension), dimension % 4 == 0 else {
            throw .invalidSettings(
                reason: "the dimension is \(dimension); it must be a multiple of 4 from 16 to 2048")
        }
        for (what, text) in [("name", networkName), ("fingerprint", networkFingerprint)] {
            guard Self.networkTexts ~= text.utf8.count else {
                throw .invalidSettings(
                    reason: "the network's \(what) has \(text.utf8.count) bytes; it must have 1 to 255")
            }
        }
    }
}
