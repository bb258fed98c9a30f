import Foundation

/// docs/json.md, the page that documents the JSON of commands: a table of keys for each type, and examples.
public struct JSONPage: Sendable {
    /// A row of a table.
    public struct Key: Sendable {
        /// The key.
        public let name: String
        /// What its value is, in the words of the page.
        public let type: String
        /// A word in backquotes that a text may be, if the page names one.
        let word: String?
        /// Whether it is never left out.
        public let isAlways: Bool
    }

    /// The tables, by the name of the type.
    public private(set) var tables: [String: [Key]] = [:]
    /// Lines that are shown, each with the name of its type.
    public private(set) var examples: [(type: String, line: String)] = []

    /// Reads the page.
    public init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/json.md"), encoding: .utf8)
        var type = ""
        for line in page.split(separator: "\n") {
            if line.hasPrefix("#") {
                type = Self.words(in: line).last ?? ""
            } else if line.hasPrefix("{") {
                examples.append((type, String(line)))
            } else if line.hasPrefix("| `") {
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                guard cells.count == 4, let name = Self.words(in: cells[0]).first else {
                    throw CocoaError(.fileReadCorruptFile, userInfo: ["row": String(line)])
                }
                tables[type, default: []].append(
                    Key(
                        name: name, type: cells[1], word: Self.words(in: cells[2]).first,
                        isAlways: cells[3] == "never"))
            }
        }
    }

    /// What stands in backquotes.
    private static func words(in text: some StringProtocol) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// An object with every key of a table.
    public func sample(of type: String) -> JSONValue {
        .object(
            [String: JSONValue](
                uniqueKeysWithValues: (tables[type] ?? []).map { ($0.name, sample($0.type, word: $0.word)) }))
    }

    private func sample(_ type: String, word: String?) -> JSONValue {
        if type.hasPrefix("list of ") { return .list([sample(String(type.dropFirst(8)), word: word)]) }
        if type.hasPrefix("object of ") {
            return .object(["k": sample(String(type.dropFirst(10)), word: word)])
        }
        if type.hasSuffix(" or null") { return sample(String(type.dropLast(8)), word: word) }
        switch type {
        case "integer": return .integer(1)
        case "number": return .number(0.5)
        case "boolean": return .boolean(true)
        case "text": return .text(word ?? "x")
        default: return sample(of: Self.words(in: type).first ?? type)
        }
    }

    /// What the page does not say of a value, or says otherwise.
    public func faults(of value: JSONValue, as type: String, at place: String = "") -> [String] {
        if type.hasSuffix(" or null") {
            return value == .null ? [] : faults(of: value, as: String(type.dropLast(8)), at: place)
        }
        if type.hasPrefix("list of "), case .list(let values) = value {
            return values.flatMap { faults(of: $0, as: String(type.dropFirst(8)), at: place + "[]") }
        }
        if type.hasPrefix("object of "), case .object(let members) = value {
            return members.values.flatMap { faults(of: $0, as: String(type.dropFirst(10)), at: place + "{}") }
        }
        switch (type, value) {
        case ("integer", .integer), ("number", .integer), ("number", .number), ("boolean", .boolean),
            ("text", .text), ("number", .text("Infinity")), ("number", .text("-Infinity")),
            ("number", .text("NaN")):
            return []
        default: break
        }
        let name = Self.words(in: type).first ?? type
        guard let keys = tables[name], case .object(let members) = value else {
            return ["\(place) is no \(type)"]
        }
        var found: [String] = []
        for (member, value) in members {
            guard let key = keys.first(where: { $0.name == member }) else {
                found.append("\(place).\(member) of \(name) has no row")
                continue
            }
            found += faults(of: value, as: key.type, at: "\(place).\(member)")
        }
        found += keys.filter { $0.isAlways && members[$0.name] == nil }.map {
            "\(place).\($0.name) is left out"
        }
        return found
    }
}
