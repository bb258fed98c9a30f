internal import FoundationEssentials

/// Named tensors of float32, read from or written as a safetensors file, in which they may be float16.
///
/// A safetensors file is a 64-bit length, that many bytes of JSON (each tensor's type, shape and place), and the
/// values, little-endian. A value; safe to share between threads.
public struct SafeTensors: Sendable {
    /// How a number is written.
    public enum Precision: String, CaseIterable, Codable, Sendable {
        /// 4 bytes each, as they are.
        case float32
        /// 2 bytes each: 11 significant bits, up to 65,504.
        case float16

        fileprivate var name: String { self == .float32 ? "F32" : "F16" }
        fileprivate var bytes: Int { self == .float32 ? 4 : 2 }

        fileprivate init?(name: String) {
            guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = found
        }

        /// The number that is read where this one is written; infinite where it is too large.
        public func rounded(_ value: Float) -> Float { self == .float32 ? value : Float(Float16(value)) }
    }

    private struct Entry: Codable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    private let path: String
    private let bytes: [UInt8]
    private let start: Int
    private let entries: [String: Entry]
    /// The free text of the file, by name.
    public let metadata: [String: String]

    /// Names of the tensors, sorted.
    public var names: [String] { entries.keys.sorted() }

    /// Checks the file's structure: every tensor's place is inside the file and agrees with its shape.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: what errors call it.
    /// - Throws: `badWeights` with what is wrong.
    public init(bytes: [UInt8], path: String) throws(NetworkError) {
        func fail(_ reason: String) -> NetworkError { .badWeights(path: path, reason: reason) }
        guard bytes.count >= 8 else { throw fail("it ends inside its first 8 bytes") }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * UInt64($1)) }
        guard length <= UInt64(bytes.count - 8), length < 100_000_000 else {
            throw fail("its header should have \(length) bytes; the file has \(bytes.count)")
        }
        start = 8 + Int(length)
        do {
            let header = try JSONDecoder().decode(Header.self, from: Data(bytes[8..<start]))
            entries = header.entries
            metadata = header.metadata
        } catch {
            throw fail("its header is not JSON that places tensors")
        }
        for (name, entry) in entries {
            let place = entry.data_offsets
            guard place.count == 2, place[0] >= 0, place[1] >= place[0] else {
                throw fail("tensor \(name) has no valid place")
            }
            guard place[1] <= bytes.count - start else {
                throw fail(
                    "tensor \(name) ends \(place[1] - (bytes.count - start)) bytes after the file: it is cut off"
                )
            }
            guard let precision = Precision(name: entry.dtype) else {
                throw fail("tensor \(name) is of type \(entry.dtype), not F32 or F16")
            }
            var count = precision.bytes
            for size in entry.shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: size)
                guard size >= 0, !overflow else { throw fail("tensor \(name) has an impossible shape") }
                count = product
            }
            guard count == place[1] - place[0] else {
                throw fail("tensor \(name) of shape \(entry.shape) does not fill \(place[1] - place[0]) bytes")
            }
        }
        self.path = path
        self.bytes = bytes
    }

    /// Reads a whole file of at most 4 GiB.
    ///
    /// - Throws: `unreadable` without such a file, `badWeights` as `init(bytes:path:)`.
    public init(path: String) throws(NetworkError) {
        try self.init(bytes: readFile(path, limit: 1 << 32), path: path)
    }

    /// The values of a tensor, row-major.
    ///
    /// - Throws: `badWeights` when it is missing, of another shape, or not finite.
    public func values(_ name: String, shape: [Int]) throws(NetworkError) -> [Float] {
        guard let entry = entries[name] else {
            throw .badWeights(path: path, reason: "tensor \(name) is missing")
        }
        guard entry.shape == shape else {
            throw .badWeights(path: path, reason: "tensor \(name) has shape \(entry.shape), not \(shape)")
        }
        let from = start + entry.data_offsets[0]
        let size = entry.data_offsets[1] - entry.data_offsets[0]
        let values = entry.dtype == Precision.float16.name ? halves(from, size / 2) : singles(from, size / 4)
        // Infinities and what is not a number have the largest exponent there is.
        var exponent: UInt32 = 0
        for value in values { exponent = max(exponent, value.bitPattern & 0x7f80_0000) }
        guard exponent < 0x7f80_0000 else {
            throw .badWeights(path: path, reason: "tensor \(name) has numbers that are not finite")
        }
        return values
    }

    /// `count` numbers of 2 bytes.
    private func halves(_ from: Int, _ count: Int) -> [Float] {
        (0..<count).map { place in
            let bits = UInt16(bytes[from + 2 * place]) | UInt16(bytes[from + 2 * place + 1]) << 8
            return Float(Float16(bitPattern: bits))
        }
    }

    /// `count` numbers of 4 bytes.
    private func singles(_ from: Int, _ count: Int) -> [Float] {
        unsafe bytes.withUnsafeBytes { all in
            unsafe [Float](unsafeUninitializedCapacity: count) { target, filled in
                unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: all[from..<from + count * 4]))
                filled = count
            }
        }
    }

    /// The bytes of a safetensors file with these tensors, in this order, and free text by name.
    ///
    /// - Precondition: every tensor has as many values as its shape says.
    public static func encode(
        _ tensors: [(name: String, shape: [Int], values: [Float])], metadata: [String: String] = [:],
        precision: Precision = .float32
    ) throws -> [UInt8] {
        var entries: [String: Entry] = [:]
        var data: [UInt8] = []
        data.reserveCapacity(tensors.reduce(0) { $0 + $1.values.count * precision.bytes })
        for (name, shape, values) in tensors {
            precondition(values.count == shape.reduce(1, *), "tensor \(name) does not fill its shape")
            let from = data.count
            switch precision {
            case .float32:
                for value in values {
                    unsafe withUnsafeBytes(of: value.bitPattern.littleEndian) {
                        unsafe data.append(contentsOf: $0)
                    }
                }
            case .float16:
                for value in values {
                    let bits = Float16(value).bitPattern
                    data.append(UInt8(truncatingIfNeeded: bits))
                    data.append(UInt8(truncatingIfNeeded: bits >> 8))
                }
            }
            entries[name] = Entry(dtype: precision.name, shape: shape, data_offsets: [from, data.count])
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var header = [UInt8](try encoder.encode(Header(entries: entries, metadata: metadata)))
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        let length = UInt64(header.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + data
    }

    /// The header: tensors by name, beside free text under `__metadata__`.
    private struct Header: Codable {
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        private static let text = Name(stringValue: "__metadata__")

        init(entries: [String: Entry], metadata: [String: String]) {
            self.entries = entries
            self.metadata = metadata
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Name.self)
            for key in fields.allKeys where key.stringValue != Self.text.stringValue {
                entries[key.stringValue] = try fields.decode(Entry.self, forKey: key)
            }
            metadata = try fields.decodeIfPresent([String: String].self, forKey: Self.text) ?? [:]
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Name.self)
            for (name, entry) in entries { try fields.encode(entry, forKey: Name(stringValue: name)) }
            if !metadata.isEmpty { try fields.encode(metadata, forKey: Self.text) }
        }
    }
}
