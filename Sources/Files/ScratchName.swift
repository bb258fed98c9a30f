/// Names of files and folders that are in the making: `.TARGET.RANDOM.facegallery-part`.
///
/// The random part has 64 bits, so that nobody can lay something under a name beforehand. The target shows where what
/// is left of a killed process belongs.
struct ScratchName {
    private static let ending = ".facegallery-part"
    private static let digits = 16
    /// Bytes that a file's name may have on Linux, less what is added to the target.
    private static let longestTarget = 255 - 2 - digits - 17

    let text: String

    /// A fresh name.
    init(for target: String) {
        let number = String(UInt64.random(in: 0 ... .max), radix: 16)
        let padded = String(repeating: "0", count: Self.digits - number.count) + number
        text = ".\(Self.shortened(target)).\(padded)\(Self.ending)"
    }

    /// The target that a name was made for, shortened where it was long; nil for a name of another kind.
    static func target(of name: String) -> String? {
        guard name.hasPrefix("."), name.hasSuffix(ending) else { return nil }
        let middle = name.dropFirst().dropLast(ending.count)
        guard let dot = middle.lastIndex(of: ".") else { return nil }
        let number = middle[middle.index(after: dot)...].utf8
        guard number.count == digits,
            number.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return dot > middle.startIndex ? String(middle[..<dot]) : nil
    }

    /// Whether a name was made for a target.
    static func isName(_ name: String, for target: String) -> Bool {
        self.target(of: name).map { $0.utf8.elementsEqual(shortened(target).utf8) } ?? false
    }

    private static func shortened(_ target: String) -> String {
        var scalars = target.unicodeScalars[...]
        while scalars.reduce(0, { $0 + UTF8.width($1) }) > longestTarget { scalars = scalars.dropLast() }
        return String(String.UnicodeScalarView(scalars))
    }
}
