/// What ties something derived from a gallery, an index say, to this gallery's own history.
///
/// A follower that saves what it derived writes a new random token into the store in the transaction it saves
/// under, and the same token into what it saves. A store that was copied, and went on otherwise, or was restored
/// from before the save, holds another token: what was derived is then not believed.
public struct FollowerToken: Sendable, Hashable {
    static let size = 16
    let bytes: [UInt8]

    /// A token that nobody else has.
    public static func random() -> FollowerToken {
        var generator = SystemRandomNumberGenerator()
        return FollowerToken(bytes: (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// Thirty-two hexadecimal digits.
    public var text: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension StoreReading where Self: ~Copyable {
    /// The token of what was last derived and saved; `nil` where nothing was.
    public var followerToken: FollowerToken? {
        get throws(StoreError) {
            guard let bytes = try unsafe transaction.get(.meta, .text(Format.followerKey)),
                bytes.count == FollowerToken.size
            else { return nil }
            return unsafe FollowerToken(bytes: [UInt8](bytes))
        }
    }
}

extension StoreWriter {
    /// Records the token of what is derived and saved under this transaction.
    public mutating func setFollowerToken(_ token: FollowerToken) throws(StoreError) {
        try transaction.put(.meta, .text(Format.followerKey), token.bytes)
    }
}
