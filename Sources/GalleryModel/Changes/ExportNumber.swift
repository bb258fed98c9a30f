internal import Files

/// The id of an export of references: 16 random bytes.
public struct ExportNumber: Sendable, Hashable {
    package static let size = 16
    /// The number itself.
    package let bytes: [UInt8]

    /// The number written as 32 hexadecimal digits; nil for anything else.
    public init?(_ text: String) {
        let digits = text.utf8.map { UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "f") }
        guard digits.count == 2 * Self.size, digits.allSatisfy(\.self) else { return nil }
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.bytes = bytes
    }

    /// An id that no other export has.
    public static func random() -> ExportNumber { ExportNumber(bytes: .random(count: size)) }

    /// Thirty-two hexadecimal digits.
    public var text: String { bytes.hexadecimal }

    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// The outcome of some references of an export.
public struct ImportCounts: Sendable, Equatable {
    /// Enrolled now.
    public var added = 0
    /// Enrolled before, by this import or in another way.
    public var present = 0

    /// None so far.
    public init() {}
}
