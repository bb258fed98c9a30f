/// The SHA-256 digest of FIPS 180-4, which names weights and snapshots.
public enum SHA256 {
    /// The digest of `bytes` as 64 lower-case hexadecimal digits.
    ///
    /// O(count); safe from any thread.
    public static func hex(of bytes: [UInt8]) -> String { stream(of: bytes).hex() }

    /// The digest of `bytes`, 32 bytes.
    ///
    /// O(count); safe from any thread.
    public static func digest(of bytes: [UInt8]) -> [UInt8] { stream(of: bytes).digest() }

    private static func stream(of bytes: [UInt8]) -> SHA256Stream {
        var stream = SHA256Stream()
        stream.add(bytes)
        return stream
    }

    /// The digest of a file's bytes, as `hex(of:)`.
    ///
    /// - Throws: `unreadable` when the file cannot be read; files above 4 GiB are refused.
    public static func hex(ofFile path: String) throws(NetworkError) -> String {
        hex(of: try readFile(path, limit: 1 << 32))
    }
}
