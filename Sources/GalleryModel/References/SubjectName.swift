internal import Foundation

/// The one rule for names of subjects, wherever they come from.
///
/// It ensures that two different names look different.
public enum SubjectName {
    /// Bytes of UTF-8 that a name may have: LMDB's longest key.
    public static let longest = 511

    /// The form in which a name is enrolled.
    ///
    /// White space at either end is removed (spaces of every kind, tabs, line ends), no-break spaces inside become
    /// spaces, and letters with marks are composed (Unicode's normalization form C).
    /// - Throws: `invalidName` for a name that is then empty or over 511 bytes (LMDB's longest key), or that contains
    ///   invisible characters: control characters, line separators, and what Unicode calls default ignorable, such as
    ///   U+200B, U+FEFF and marks of direction.
    /// - Complexity: O(length).
    public static func canonical(_ name: String) throws(StoreError) -> String {
        if isPlain(name.utf8) { return name }
        var scalars = Substring(name).unicodeScalars
        while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
        while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
        var canonical = String.UnicodeScalarView()
        for scalar in scalars {
            guard !isInvisible(scalar) else {
                throw .invalidName(
                    name: name,
                    reason: "it contains \(spelling(of: scalar)), which is invisible; remove that character")
            }
            canonical.append(isNoBreakSpace(scalar) ? " " : scalar)
        }
        var text = String(canonical)
        if !scalars.allSatisfy(isComposed) { text = text.precomposedStringWithCanonicalMapping }
        if text.isEmpty { throw .invalidName(name: name, reason: "it is empty") }
        guard text.utf8.count <= longest else {
            throw .invalidName(
                name: name,
                reason: "it has \(text.utf8.count) bytes of UTF-8, at most 511 are allowed; shorten it")
        }
        return text
    }

    /// Whether the bytes of a name are its form without a further look: most names are of ASCII.
    package static func isPlain(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
        guard let first = bytes.first, let last = bytes.last, first != 0x20, last != 0x20 else { return false }
        var (plain, count) = (true, 0)
        for byte in bytes {
            if byte < 0x20 || byte >= 0x7F { plain = false }
            count += 1
        }
        return plain && count <= longest
    }

    /// The forms under which a subject may be enrolled whom a name means, other than as it stands: what galleries hold
    /// from before there was this rule is found by it too.
    package static func otherForms(of name: String) -> [String] {
        guard !isPlain(name.utf8), let canonical = try? canonical(name) else { return [] }
        var forms = [canonical]
        // Some file systems take letters and marks apart.
        if !canonical.utf8.allSatisfy({ $0 < 0x80 }) {
            forms.append(canonical.decomposedStringWithCanonicalMapping)
        }
        return forms.filter { !$0.utf8.elementsEqual(name.utf8) }
    }

    /// Why no gallery can hold a name at all; nil if one may, though perhaps none is enrolled so any more.
    package static func damage(of name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.utf8.count > longest {
            return "it has \(name.utf8.count) bytes of UTF-8, at most 511 are allowed"
        }
        let hasControls = name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return hasControls ? "it contains control characters" : nil
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isUnprintable || (scalar.value >= 0x80 && scalar.properties.isDefaultIgnorableCodePoint)
    }

    private static func isNoBreakSpace(_ scalar: Unicode.Scalar) -> Bool {
        [0xA0, 0x2007, 0x202F].contains(scalar.value)
    }

    /// Whether a letter is certain to be in form C whatever stands beside it; of others Foundation knows.
    private static func isComposed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x300, 0x400...0x482, 0x620...0x64A, 0x3041...0x3096, 0x30A1...0x30FA, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xAC00...0xD7A3:
            true
        default: false
        }
    }

    private static func spelling(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
