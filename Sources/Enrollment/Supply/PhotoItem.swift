/// A photo that is to be worked on.
public struct PhotoItem: Sendable {
    /// Where it is; `-` is standard input.
    public let path: String
    /// Who it shows, by its folder or name, or by the manifest.
    public let subject: String
    /// Whether the user named this path, rather than a folder above it or a manifest.
    public let isNamed: Bool
    /// Why it cannot even be opened, where that was seen.
    package var problem: String?
    /// The manifest's line it stands on, from 1.
    public internal(set) var line: Int?
    /// What else the manifest says of it.
    public internal(set) var metadata: [String: String] = [:]

    package init(
        path: String, subject: String, isNamed: Bool, problem: String? = nil, line: Int? = nil,
        metadata: [String: String] = [:]
    ) {
        (self.path, self.subject, self.isNamed) = (path, subject, isNamed)
        (self.problem, self.line, self.metadata) = (problem, line, metadata)
    }

    /// Whom a file shows by its name: `Ada_Lovelace_0001.jpg` and `Ada_Lovelace.jpg` both show `Ada_Lovelace`.
    package static func subject(ofFile path: String) -> String {
        let name = path.split(separator: "/").last ?? Substring(path)
        var stem = name.lastIndex(of: ".").map { $0 > name.startIndex ? name[..<$0] : name } ?? name
        let withoutDigits = stem.reversed().drop { $0.isASCII && $0.isNumber }.reversed()
        if let separator = withoutDigits.last, withoutDigits.count < stem.count, "_- ".contains(separator) {
            let person = String(withoutDigits.dropLast())
            if !person.isEmpty { stem = person[...] }
        }
        return String(stem)
    }
}
