/// A key for HTTP: a line of `keys list`, and with the key itself the line of `keys create`.
public struct KeyRecord: Codable, Hashable, Sendable {
    /// The name by which it is revoked.
    public var id: String
    /// The key; nil but where it was just made, for it is not kept.
    public var key: String?
    /// `read`, `enroll` or `admin`.
    public var role: String
    /// The galleries that it is for; nil for all.
    public var galleries: [String]?
    /// When it was made, in seconds since 1970-01-01 00:00 UTC.
    public var created: Double
    /// When it ends; nil for never.
    public var expires: Double?

    /// Collects the parts.
    package init(
        id: String, key: String?, role: String, galleries: [String]?, created: Double, expires: Double?
    ) {
        (self.id, self.key, self.role) = (id, key, role)
        (self.galleries, self.created, self.expires) = (galleries, created, expires)
    }
}

/// A key that is no longer good: the line of `keys revoke`.
public struct KeyRevocationRecord: Codable, Hashable, Sendable {
    /// The key's name.
    public var revoked: String

    /// A revocation.
    package init(_ id: String) { revoked = id }
}
