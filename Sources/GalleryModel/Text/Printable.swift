extension Unicode.Scalar {
    /// Whether it steers a terminal, ends a line, turns the direction of writing, or shows nothing.
    ///
    /// What letters of some languages are joined or told apart by (U+200C, U+200D, variation selectors) is none of it.
    package var isUnprintable: Bool {
        if value < 0x300 { return value < 0x20 || (0x7F...0x9F).contains(value) || value == 0xAD }
        switch value {
        case 0x200C, 0x200D, 0xFE00...0xFE0F, 0xE0100...0xE01EF: return false
        case 0xFFF9...0xFFFB: return true
        default: break
        }
        if properties.isDefaultIgnorableCodePoint || properties.isBidiControl { return true }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}

extension String {
    /// The text with everything that is unprintable spelt out, as in `\u{1B}`: for what others have written, before it
    /// reaches a terminal or a line of a log.
    ///
    /// O(length).
    package var printable: String { escaping { $0.isUnprintable } }

    /// The same for lines of one's own, which may have tabs in them and end.
    package var printableLines: String {
        escaping { $0.isUnprintable && $0 != "\n" && $0 != "\t" }
    }

    private func escaping(_ isEscaped: (Unicode.Scalar) -> Bool) -> String {
        // Nearly all texts are as they should be.
        if utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) || !unicodeScalars.contains(where: isEscaped) { return self }
        var text = ""
        for scalar in unicodeScalars {
            if isEscaped(scalar) {
                text += scalar.escaped(asASCII: true)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text for an error line: printable, cut after 80 characters.
    package var shown: String {
        let start = String(unicodeScalars.prefix(80)).printable
        return unicodeScalars.count > 80 ? start + "…" : start
    }
}

/// JSON in which everything unprintable is written as an escape: parsers read the same value.
///
/// Such characters stand within texts only, where JSON has an escape for each. O(bytes).
package func printableJSON(_ bytes: [UInt8]) -> [UInt8] {
    // JSON's own rules have escaped what is below 0x20.
    guard bytes.contains(where: { $0 >= 0x7F }) else { return bytes }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.unicodeScalars.contains(where: { $0.value >= 0x7F && $0.isUnprintable }) else { return bytes }
    var escaped: [UInt8] = []
    for scalar in text.unicodeScalars {
        guard scalar.value >= 0x7F, scalar.isUnprintable else {
            escaped += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            continue
        }
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
            let digits = String(unit, radix: 16)
            escaped += "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
        }
    }
    return escaped
}
