internal import FoundationEssentials
internal import GalleryModel

/// JSON as `--json` prints it and a service sends it: one object per line, with its keys in ascending order.
///
/// A number that JSON does not have is written as the text `Infinity`, `-Infinity` or `NaN`: a damaged gallery must not
/// keep its other answers back. Characters that steer a terminal are escaped. Any thread may use it.
public enum WireFormat {
    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return encoder
    }()

    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return decoder
    }()

    /// A value as one line with its line feed.
    ///
    /// - Throws: `WireError.noJSON` for a value that is no JSON, which no record of this module is.
    public static func line(_ value: some Encodable) throws(WireError) -> [UInt8] {
        guard let data = try? encoder.encode(value) else { throw .noJSON }
        var line = printableJSON([UInt8](data))
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// A value from an object of JSON, such as a line; a line feed may follow it.
    ///
    /// Unknown keys are ignored.
    /// - Throws: `DecodingError` where the bytes are no JSON, or lack what the value needs.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: some Sequence<UInt8>
    ) throws -> Value {
        try decoder.decode(type, from: Data(bytes))
    }
}

/// Why a value has no line.
public enum WireError: Error, CustomStringConvertible {
    /// It is no JSON.
    case noJSON

    /// One line that says so.
    public var description: String { "an answer holds a value that JSON cannot express" }
}
