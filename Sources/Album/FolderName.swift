/// Names of folders for subjects, whatever those are called.
///
/// Two subjects never get the same folder, on any file system and however it treats capitals. A folder of this module's
/// own begins with an underscore, and none of a subject does.
public struct FolderNames: Sendable {
    /// Bytes of the longest name; most file systems allow 255.
    private static let longest = 180
    private static let forbidden: Set<Character> = ["/", "\\", "<", ">", ":", "\"", "|", "?", "*"]
    /// Names that Windows keeps for devices.
    private static let devices = Set(
        ["CON", "PRN", "AUX", "NUL"] + (0...9).flatMap { ["COM\($0)", "LPT\($0)"] })

    /// Hashes of names that several subjects have but for their capitals.
    private var shared: Set<Int> = []
    private var seen: Set<Int> = []

    /// Makes names for subjects that are told with `note`.
    public init() {}

    /// Notes that there is a subject of this name.
    ///
    /// All have to be noted before the first folder is asked for.
    ///
    /// Memory: some 20 bytes a subject.
    public mutating func note(_ subject: String) {
        let key = Self.key(of: Self.safe(subject))
        if !seen.insert(key).inserted { shared.insert(key) }
    }

    private static func key(of name: String) -> Int { Array(name.lowercased().utf8).hashValue }

    /// The folder of a subject: its name, if that can be one and no other subject's name could become the same.
    ///
    /// Otherwise characters are replaced by underscores, and a number that follows from the name is added. O(length).
    public func folder(of subject: String) -> String {
        let name = Self.safe(subject)
        let stem = name.prefix { $0 != "." }.uppercased()
        let isPlain =
            name.utf8.elementsEqual(subject.utf8) && !name.isEmpty && !Self.devices.contains(stem)
        if isPlain, !shared.contains(Self.key(of: name)) { return name }
        return (name.isEmpty ? "subject" : name) + " (" + Self.mark(of: subject) + ")"
    }

    private static func safe(_ subject: String) -> String {
        var name = ""
        for character in subject {
            let isSafe = !forbidden.contains(character) && !character.unicodeScalars.contains(where: isUnsafe)
            name.append(isSafe ? character : "_")
        }
        while let last = name.last, last == "." || last == " " { name.removeLast() }
        while let first = name.first, first == "." || first == " " || first == "_" || first == "-" {
            name.removeFirst()
        }
        while name.utf8.count > longest { name.removeLast() }
        return name
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || scalar.value == 0x7F || scalar.properties.generalCategory == .control
            || scalar.properties.generalCategory == .format || scalar.properties.isDefaultIgnorableCodePoint
    }

    /// Eight digits that follow from the bytes of a name: FNV-1a.
    private static func mark(of name: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(UInt32(truncatingIfNeeded: hash ^ (hash >> 32)), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
