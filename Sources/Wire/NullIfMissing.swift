/// A member that is written as `null` where it has no value, so that a line always has the same keys.
///
/// When it is read, a key that is missing counts as `null`.
@propertyWrapper
public struct NullIfMissing<Value> {
    /// The value, if there is one.
    public var wrappedValue: Value?

    /// Wraps a value.
    public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }
}

extension NullIfMissing: Encodable where Value: Encodable {
    /// Writes the value or `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension NullIfMissing: Decodable where Value: Decodable {
    /// Reads a value or `null`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }
}

extension NullIfMissing: Equatable where Value: Equatable {}
extension NullIfMissing: Hashable where Value: Hashable {}
extension NullIfMissing: Sendable where Value: Sendable {}

extension KeyedDecodingContainer {
    /// Reads a member that may be missing; synthesised decoding calls this in the place of the general `decode`.
    func decode<Value: Decodable>(
        _ type: NullIfMissing<Value>.Type, forKey key: Key
    ) throws -> NullIfMissing<Value> {
        try decodeIfPresent(type, forKey: key) ?? NullIfMissing(wrappedValue: nil)
    }
}
