internal import FoundationEssentials

/// Bytes as text, for pages that contain their pictures.
enum Base64 {
    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
