package import GalleryModel

/// Which change of a gallery's network is under way: the first record of its file of made templates.
package struct MigrationPlan: Sendable, Equatable {
    /// When the gallery was created, which tells it from others.
    package let created: Double
    /// The fingerprint of the network that the gallery has until then.
    package let oldFingerprint: String
    /// What the gallery has afterwards.
    package let settings: StoreSettings

    static let magic: UInt32 = 0x544D_4746  // "FGMT"
    static let version: UInt32 = 1
    private static let fixedSize = 40
    /// Bytes that a plan has at most: three texts of 255 bytes.
    static let longest = fixedSize + 3 * StoreSettings.networkTexts.upperBound

    /// Collects the parts.
    package init(created: Double, oldFingerprint: String, settings: StoreSettings) {
        (self.created, self.oldFingerprint, self.settings) = (created, oldFingerprint, settings)
    }

    /// The plan for a gallery.
    package init(of store: TemplateStore, to settings: StoreSettings) {
        self.init(
            created: store.created, oldFingerprint: store.settings.networkFingerprint, settings: settings)
    }

    func encoded() -> [UInt8] {
        let texts = [oldFingerprint, settings.networkName, settings.networkFingerprint]
        var record = RecordBytes()
        record.append(UInt32(0))
        record.append(Self.magic)
        record.append(Self.version)
        record.append(UInt32(settings.dimension))
        record.append(created)
        for text in texts { record.append(UInt32(text.utf8.count)) }
        record.append(UInt32(0))
        for text in texts { record.append(text) }
        record.seal(key: 0)
        return record.bytes
    }

    /// The plan at the start of a file, and its size; nil if there is none.
    static func decode(_ head: [UInt8]) -> (plan: MigrationPlan, size: Int)? {
        unsafe head.withUnsafeBytes { bytes -> (MigrationPlan, Int)? in
            guard bytes.count >= fixedSize, unsafe bytes.number(4, as: UInt32.self) == magic,
                unsafe bytes.number(8, as: UInt32.self) == version
            else { return nil }
            let sizes = (0..<3).map { unsafe Int(bytes.number(24 + 4 * $0, as: UInt32.self)) }
            guard sizes.allSatisfy({ StoreSettings.networkTexts ~= $0 }) else { return nil }
            let size = fixedSize + sizes.reduce(0, +)
            guard bytes.count >= size, unsafe bytes.slice(0, size).isSealed(key: 0) else { return nil }
            var texts: [String] = []
            var place = fixedSize
            for size in sizes {
                guard let text = unsafe bytes.text(place, size) else { return nil }
                texts.append(text)
                place += size
            }
            let settings = unsafe StoreSettings(
                dimension: Int(bytes.number(12, as: UInt32.self)), networkName: texts[1],
                networkFingerprint: texts[2])
            guard (try? settings.check()) != nil else { return nil }
            return unsafe (
                MigrationPlan(created: bytes.double(16), oldFingerprint: texts[0], settings: settings), size
            )
        }
    }
}
