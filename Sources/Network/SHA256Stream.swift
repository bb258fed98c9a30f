internal import CNettle
internal import Files

/// A SHA-256 digest of bytes that come some at a time.
public struct SHA256Stream: Sendable {
    private static let digestSize = 32
    private var context = sha256_ctx()

    /// The digest of nothing yet.
    public init() { unsafe nettle_sha256_init(&context) }

    /// Adds bytes; O(count).
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        unsafe nettle_sha256_update(&context, bytes.count, start.assumingMemoryBound(to: UInt8.self))
    }

    /// Adds bytes; O(count).
    public mutating func add(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe add($0) }
    }

    /// The digest of all that was added, 32 bytes.
    public func digest() -> [UInt8] {
        // Nettle begins a new digest when it gives one out.
        var last = context
        return unsafe [UInt8](unsafeUninitializedCapacity: Self.digestSize) { bytes, count in
            unsafe nettle_sha256_digest(&last, Self.digestSize, bytes.baseAddress)
            count = Self.digestSize
        }
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public func hex() -> String { digest().hexadecimal }
}
