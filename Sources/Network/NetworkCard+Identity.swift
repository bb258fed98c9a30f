extension NetworkCard {
    /// What tells this network's templates from any other's, 64 hexadecimal digits: `NetworkIdentity.fingerprint`.
    public var fingerprint: String { NetworkIdentity(self).fingerprint }
}

/// Everything of a network that changes a template: its layers and weights, how pixels become input, how a chip is cut.
///
/// Name, license, source, thresholds and training change no template and are not in it. Two networks with the same
/// identity make the same templates of the same photo, found by the same finder. A value.
public struct NetworkIdentity: Hashable, Sendable {
    /// One fact per line, a name and a value; numbers as the bits of their floats, so that no way of writing them
    /// changes it.
    public let text: String
    /// SHA-256 of `text`, 64 lower-case hexadecimal digits: what galleries record.
    public let fingerprint: String
    /// Bytes of a text that files carry at most; the text of a network with a very long output name is left out.
    public static let longestText = 4096
    private let facts: [Fact]

    private struct Fact: Hashable {
        let name: String
        let value: String
    }

    /// The identity of the network of a card.
    public init(_ card: NetworkCard) {
        func bits(_ value: Float) -> String { String(value.bitPattern, radix: 16) }
        // The padding of a whole photo changes nothing.
        let padding = card.isImported || !card.alignment.isWholePhoto ? card.alignment.padding : 0
        let lines = [
            "facegallery network \(card.format)",
            "file \(card.weights.sha256)",
            card.isImported ? "output \(card.output ?? "")" : "architecture \(card.architecture)",
            "dimension \(card.dimension)",
            "side \(card.input.side)",
            "colors \((card.input.colors ?? .rgb).rawValue)",
            "mean \(card.input.mean.map(bits).joined(separator: " "))",
            "scale \(bits(card.input.scale))",
            "alignment \(card.alignment.kind) \(String(padding.bitPattern, radix: 16))",
            "mirrored \(card.mirrored ?? false)",
        ]
        self.init(lines.map { $0 + "\n" }.joined())
    }

    /// The identity that a file carries beside the fingerprint it gives; nil if one is not of the other.
    public init?(text: String, recordedAs fingerprint: String) {
        guard text.utf8.count <= Self.longestText, text.hasPrefix("facegallery network ") else { return nil }
        self.init(text)
        guard isRecorded(as: fingerprint) else { return nil }
    }

    private init(_ text: String) {
        self.text = text
        fingerprint = SHA256.hex(of: Array(text.utf8))
        facts = text.split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            return Fact(name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
        }
    }

    /// Whether a gallery or file that recorded `fingerprint` speaks of this network.
    ///
    /// Of format 1 that is also the SHA-256 of the weights alone, which galleries recorded before the card counted.
    public func isRecorded(as fingerprint: String) -> Bool {
        fingerprint == self.fingerprint
            || value(of: "facegallery") == "network 1" && fingerprint == value(of: "file")
    }

    /// The facts that differ, each with this network's value and the other's, for people to read.
    public func differences(from other: NetworkIdentity) -> [String] {
        var names = facts.map(\.name)
        names += other.facts.map(\.name).filter { !names.contains($0) }
        return names.compactMap { name in
            let (own, theirs) = (value(of: name), other.value(of: name))
            guard own != theirs else { return nil }
            return "\(Self.label(name)) (\(Self.shown(name, own)), not \(Self.shown(name, theirs)))"
        }
    }

    private func value(of name: String) -> String? { facts.first { $0.name == name }?.value }

    private static func label(_ name: String) -> String {
        switch name {
        case "facegallery": "format"
        case "file": "weights"
        case "colors": "colours"
        default: name
        }
    }

    private static func shown(_ name: String, _ value: String?) -> String {
        guard let value else { return "none" }
        let words = value.split(separator: " ")
        func float(_ word: Substring) -> String {
            UInt32(word, radix: 16).map { "\(Float(bitPattern: $0))" } ?? String(word)
        }
        switch name {
        case "facegallery": return words.last.map(String.init) ?? value
        case "file": return String(value.prefix(12))
        case "mean", "scale": return words.map(float).joined(separator: " ")
        case "alignment" where words.count == 2:
            let padding = UInt64(words[1], radix: 16).map { "\(Double(bitPattern: $0))" } ?? "\(words[1])"
            return "\(words[0]), padding \(padding)"
        default: return value
        }
    }
}
