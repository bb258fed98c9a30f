internal import FoundationEssentials

/// A reference's metadata as bytes: a JSON object of texts, keys in ascending order.
package enum MetadataText {
    /// Nil for no metadata, which takes no room in a record.
    package static func encode(_ metadata: [String: String]) -> [UInt8]? {
        guard !metadata.isEmpty else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts are always JSON; Swift's strings hold no half of a pair.
        guard let data = try? encoder.encode(metadata) else { return nil }
        return [UInt8](data)
    }

    /// Nil where the bytes are no such object.
    package static func decode(_ bytes: UnsafeRawBufferPointer) -> [String: String]? {
        decode(unsafe [UInt8](bytes))
    }

    /// Nil where the bytes are no such object.
    package static func decode(_ bytes: [UInt8]) -> [String: String]? {
        try? JSONDecoder().decode([String: String].self, from: Data(bytes))
    }
}
