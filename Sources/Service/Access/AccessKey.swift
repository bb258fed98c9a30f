import CConstantTime
import Network

/// What is kept of a key: not the key itself.
public struct AccessKey: Codable, Hashable, Sendable {
    /// The name by which it is listed and revoked: 8 hexadecimal digits, which the key contains.
    public let id: String
    /// SHA-256 of the key, in hexadecimal.
    ///
    /// The key has 256 random bits, so nothing slower than this hash is needed: it cannot be guessed.
    let hash: String
    /// What it allows.
    public let role: Role
    /// The galleries that it is for; nil for all.
    public let galleries: [String]?
    /// When it was made, and when it ends, in seconds since 1970-01-01 00:00 UTC; nil for never.
    public let created: Double
    /// See `created`.
    public let expires: Double?

    private static let prefix = "fgk"
    private static let idDigits = 8
    private static let secretBytes = 32

    /// Makes a key.
    ///
    /// - Returns: what is kept, and the key, which nobody can find out again.
    static func make(
        _ role: Role, galleries: [String]?, now: Double, expires: Double?
    ) -> (kept: AccessKey, key: String) {
        // The system's own source of random numbers (getrandom), which is fit for secrets.
        var random = SystemRandomNumberGenerator()
        func digits(_ bytes: Int) -> String {
            (0..<bytes).map { _ in hexadecimal(UInt8.random(in: 0...255, using: &random)) }.joined()
        }
        let id = digits(idDigits / 2)
        let key = "\(prefix)_\(id)_\(digits(secretBytes))"
        let kept = AccessKey(
            id: id, hash: SHA256.hex(of: Array(key.utf8)), role: role, galleries: galleries, created: now,
            expires: expires)
        return (kept, key)
    }

    /// The id that a text contains, if it has the form of a key.
    static func id(in text: String) -> String? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == prefix, parts[1].utf8.count == idDigits,
            parts[2].utf8.count == 2 * secretBytes
        else { return nil }
        return String(parts[1])
    }

    /// Whether a text is this key.
    ///
    /// Nettle compares the hashes, in a time that does not depend on where they differ.
    func isKey(_ text: String) -> Bool {
        let (given, own) = (Array(SHA256.hex(of: Array(text.utf8)).utf8), Array(hash.utf8))
        guard given.count == own.count else { return false }
        return unsafe nettle_memeql_sec(given, own, own.count) == 1
    }

    /// Whether it may be used at this time, for this gallery.
    func covers(_ gallery: String?, now: Double) -> Bool {
        if let expires, now >= expires { return false }
        guard let gallery, let galleries else { return true }
        return galleries.contains { $0.utf8.elementsEqual(gallery.utf8) }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
    }
}
