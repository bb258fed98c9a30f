/// The dictionary in the header of an `.npy` file: what of Python's literals NumPy writes, or has written.
///
/// NumPy reads the header with `ast.literal_eval`, so the order of keys, blanks, either kind of quotes, a comma behind
/// the last entry and Python 2's `3L` change nothing.
struct NpyDictionary {
    /// A value of the dictionary.
    enum Value: Equatable {
        case text(String)
        case truth(Bool)
        /// A number, or several in a tuple.
        case sizes([Int])
        /// A list or a tuple of other things: the fields of a structured type.
        case other
    }

    /// The values by key; where a key comes twice, the later one counts, as in Python.
    let values: [String: Value]

    /// Nil where the text is no dictionary of such values.
    init?(_ text: some Collection<UInt8>) {
        var parser = NpyLiteralParser(text)
        guard let values = parser.dictionary() else { return nil }
        self.values = values
    }
}

/// Reads a few of Python's literals, front to back.
private struct NpyLiteralParser {
    private let bytes: [UInt8]
    private var place = 0
    /// How deep lists may be in each other: structured types have a list of tuples with a tuple in each.
    private static let deepest = 16

    init(_ text: some Collection<UInt8>) { bytes = Array(text) }

    mutating func dictionary() -> [String: NpyDictionary.Value]? {
        var values: [String: NpyDictionary.Value] = [:]
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = text(), take(":"), let value = value() else { return nil }
            values[key] = value
            guard take(",") || next == UInt8(ascii: "}") else { return nil }
        }
        skipBlanks()
        return place == bytes.count ? values : nil
    }

    private mutating func value() -> NpyDictionary.Value? {
        switch next {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return text().map { .text($0) }
        case UInt8(ascii: "("), UInt8(ascii: "["): return sequence(depth: 0)
        case UInt8(ascii: "T"): return take("True") ? .truth(true) : nil
        case UInt8(ascii: "F"): return take("False") ? .truth(false) : nil
        default: return number().map { .sizes([$0]) }
        }
    }

    /// A tuple or a list; a number in brackets without a comma is that number.
    private mutating func sequence(depth: Int) -> NpyDictionary.Value? {
        guard depth < Self.deepest else { return nil }
        let isTuple = take("(")
        guard isTuple || take("[") else { return nil }
        let end = UInt8(ascii: isTuple ? ")" : "]")
        var sizes: [Int]? = []
        while next != end {
            if next == UInt8(ascii: "(") || next == UInt8(ascii: "[") {
                guard sequence(depth: depth + 1) != nil else { return nil }
                sizes = nil
            } else if next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") {
                guard text() != nil else { return nil }
                sizes = nil
            } else {
                guard let number = number() else { return nil }
                sizes?.append(number)
            }
            guard take(",") || next == end else { return nil }
        }
        place += 1
        return sizes.map { .sizes($0) } ?? .other
    }

    /// A whole number from 0 on, with Python 2's L or without; one that is too large is the largest.
    private mutating func number() -> Int? {
        skipBlanks()
        var value = 0
        let start = place
        while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit <= 9 {
            let (tens, tooMany) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int(digit))
            value = tooMany || overflow ? .max : sum
            place += 1
        }
        guard place > start else { return nil }
        if place < bytes.count, bytes[place] == UInt8(ascii: "L") { place += 1 }
        return value
    }

    /// A text between quotes of one kind.
    ///
    /// No type and no key has an escape in it.
    private mutating func text() -> String? {
        guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
            let end = bytes[(place + 1)...].firstIndex(of: quote),
            !bytes[place..<end].contains(UInt8(ascii: "\\"))
        else { return nil }
        defer { place = end + 1 }
        return String(validating: bytes[(place + 1)..<end], as: UTF8.self)
    }

    /// The next byte that is no blank; nil behind the last.
    private var next: UInt8? {
        mutating get {
            skipBlanks()
            return place < bytes.count ? bytes[place] : nil
        }
    }

    /// Whether a word comes next; if it does, it is taken.
    private mutating func take(_ word: StaticString) -> Bool {
        skipBlanks()
        let matches = word.withUTF8Buffer { word in
            unsafe !word.isEmpty && bytes[place...].starts(with: word)
        }
        if matches { place += word.utf8CodeUnitCount }
        return matches
    }

    private mutating func skipBlanks() {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(bytes[place]) { place += 1 }
    }
}
