internal import Files
public import GalleryModel

/// Ties something that was derived from a gallery, such as an index, to this gallery's own history.
///
/// A follower that saves what it derived first announces a new random token: it writes it into the store, beside the
/// token of what was saved before. Then it writes the same token into what it saves. Whichever of the two a crash
/// leaves is believed. A store that was copied, and went on otherwise, or was restored from before the save, holds
/// other tokens: what was derived is then not believed.
public struct FollowerToken: Sendable, Hashable {
    static let size = 16
    let bytes: [UInt8]

    /// A token that nobody else has.
    public static func random() -> FollowerToken { FollowerToken(bytes: .random(count: size)) }

    /// Thirty-two hexadecimal digits.
    public var text: String { bytes.hexadecimal }
}

extension StoreReading where Self: ~Copyable {
    /// The tokens of what was derived and saved: the one announced last, and the one before it where that may still
    /// be in use; empty if nothing was saved.
    public var followerTokens: [FollowerToken] {
        get throws(StoreError) {
            guard let bytes = try unsafe transaction.get(.meta, .text(Format.followerKey)),
                bytes.count == FollowerToken.size || bytes.count == 2 * FollowerToken.size
            else { return [] }
            let all = unsafe [UInt8](bytes)
            return stride(from: 0, to: all.count, by: FollowerToken.size).map { start in
                FollowerToken(bytes: Array(all[start..<start + FollowerToken.size]))
            }
        }
    }

    /// The token announced last; `nil` if nothing was saved.
    public var followerToken: FollowerToken? {
        get throws(StoreError) { try followerTokens.first }
    }
}

extension StoreWriter {
    /// Announces the token of what is about to be saved; `inUse` is that of what was saved before, as long as it stays.
    public mutating func setFollowerToken(
        _ token: FollowerToken, inUse: FollowerToken? = nil
    ) throws(StoreError) {
        try transaction.put(.meta, .text(Format.followerKey), token.bytes + (inUse?.bytes ?? []))
    }
}
