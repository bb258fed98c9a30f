import Foundation
import VectorIndex

/// What every line about the index says it was measured on.
struct Conditions: Encodable {
    var bench: String
    var n: Int
    var dimension: Int
    var k: Int
    var threads: Int
    var data: Nullable<String>
    var seed: Nullable<UInt64>
    var kernel: String
    var program = "facegallery"
    var cpu = Machine.this.processor
    var build = Machine.this.build
    var commit = Machine.commit

    /// - Parameter card: what is known of the references.
    init(_ bench: String, _ index: VectorIndex, n: Int, k: Int = 10, threads: Int, card: DataCard?) {
        (self.bench, self.n, self.k, self.threads) = (bench, n, k, threads)
        (dimension, kernel) = (index.dimension, index.kernelName)
        (data, seed) = (Nullable(card?.kind), Nullable(card?.seed))
    }
}

/// Conditions and what was measured under them, as one object.
private struct Line<Body: Encodable>: Encodable {
    let conditions: Conditions
    let body: Body

    func encode(to encoder: any Encoder) throws {
        try conditions.encode(to: encoder)
        try body.encode(to: encoder)
    }
}

/// Prints a line of JSON, its keys in snake case.
func printLine(_ conditions: Conditions, _ body: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var line = try encoder.encode(Line(conditions: conditions, body: body))
    line.append(UInt8(ascii: "\n"))
    try FileHandle.standardOutput.write(contentsOf: line)
}

/// A value that is written as null where it is missing, so that a line always has the same keys.
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
    let value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
