/// The JSON Schema of a record, found out by having it read from nothing: it cannot differ from the record itself.
struct RecordSchema {
    /// Schemas of records by the names of their types.
    private(set) var named: [String: JSON] = [:]

    /// A reference to the schema of a record, which is kept.
    ///
    /// - Throws: what a record throws that cannot be read so, which is a mistake of the program.
    mutating func reference(to type: any Decodable.Type) throws -> JSON {
        let schema = try Self.schema(of: type, &named)
        return schema
    }

    /// The schema of a type.
    private static func schema(of type: any Decodable.Type, _ named: inout [String: JSON]) throws -> JSON {
        if let primitive = primitive(type) { return primitive }
        if let list = type as? any ListType.Type {
            return ["type": "array", "items": try schema(of: list.element, &named)]
        }
        if let map = type as? any MapType.Type {
            return ["type": "object", "additionalProperties": try schema(of: map.value, &named)]
        }
        let recorder = SchemaRecorder(named)
        _ = try type.init(from: recorder)
        named = recorder.named
        if let single = recorder.single { return recorder.mayBeNull ? nullable(single) : single }
        let name = "\(type)"
        named[name] = [
            "type": "object", "properties": .object(recorder.properties),
            "required": .list(recorder.required.sorted().map { .text($0) }),
        ]
        return ["$ref": .text("#/components/schemas/\(name)")]
    }

    fileprivate static func of(_ type: any Decodable.Type, _ named: inout [String: JSON]) throws -> JSON {
        try schema(of: type, &named)
    }

    private static func nullable(_ schema: JSON) -> JSON {
        guard case .object(var members) = schema, case .text(let type) = members["type"] else { return schema }
        members["type"] = [.text(type), "null"]
        return .object(members)
    }

    fileprivate static func primitive(_ type: any Decodable.Type) -> JSON? {
        switch type {
        case is String.Type: ["type": "string"]
        case is Bool.Type: ["type": "boolean"]
        case is Int.Type, is Int64.Type, is Int32.Type, is UInt64.Type: ["type": "integer"]
        case is Double.Type, is Float.Type: ["type": "number"]
        default: nil
        }
    }

    fileprivate static func sample(_ type: any Decodable.Type) -> (any Decodable)? {
        switch type {
        case is String.Type: ""
        case is Bool.Type: false
        case is Int.Type: 0
        case is Int64.Type: Int64(0)
        case is Int32.Type: Int32(0)
        case is UInt64.Type: UInt64(0)
        case is Double.Type: 0.0
        case is Float.Type: Float(0)
        case let list as any ListType.Type: list.empty
        case let map as any MapType.Type: map.empty
        default: nil
        }
    }
}

private protocol ListType {
    static var element: any Decodable.Type { get }
    static var empty: any Decodable { get }
}

extension Array: ListType where Element: Decodable {
    fileprivate static var element: any Decodable.Type { Element.self }
    fileprivate static var empty: any Decodable { [Element]() }
}

private protocol MapType {
    static var value: any Decodable.Type { get }
    static var empty: any Decodable { get }
}

extension Dictionary: MapType where Key == String, Value: Decodable {
    fileprivate static var value: any Decodable.Type { Value.self }
    fileprivate static var empty: any Decodable { [String: Value]() }
}

/// Lets a record be read, and notes what it asks for.
private final class SchemaRecorder: Decoder {
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var properties: [String: JSON] = [:]
    var required: Set<String> = []
    var named: [String: JSON]
    /// The schema of a value that is no object, and whether it asks for null first.
    var single: JSON?
    var mayBeNull = false

    init(_ named: [String: JSON]) { self.named = named }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Members<Key>(recorder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "a list without a type"))
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(recorder: self) }

    func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let sample = RecordSchema.sample(type) as? Value { return sample }
        return try Value(from: SchemaRecorder([:]))
    }

    func schema(of type: any Decodable.Type) throws -> JSON { try RecordSchema.of(type, &named) }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: SchemaRecorder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        recorder.properties[key.stringValue] = try recorder.schema(of: type)
        recorder.required.insert(key.stringValue)
        return try recorder.value(type)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        recorder.properties[key.stringValue] = try recorder.schema(of: type)
        return nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw unsupported() }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw unsupported() }
    func superDecoder() throws -> any Decoder { throw unsupported() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw unsupported() }

    private func unsupported() -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "no record reads so"))
    }
}

private struct Single: SingleValueDecodingContainer {
    let recorder: SchemaRecorder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool {
        recorder.mayBeNull = true
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        recorder.single = try recorder.schema(of: type)
        return try recorder.value(type)
    }
}
