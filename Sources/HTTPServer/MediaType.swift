/// A media type with its parameters, such as `multipart/form-data; boundary=x` (RFC 9110, 8.3.1).
package struct MediaType: Sendable, Equatable {
    /// The part before the slash, in small letters.
    package let type: String
    /// The part after it, in small letters.
    package let subtype: String
    /// Parameters by their names in small letters.
    package let parameters: [String: String]

    /// Type and subtype.
    package var essence: String { "\(type)/\(subtype)" }

    /// Reads a header field; nil where it is not well-formed.
    package init?(_ text: String) {
        var rest = text[...]
        guard let type = Self.token(&rest), rest.popFirst() == "/", let subtype = Self.token(&rest) else {
            return nil
        }
        (self.type, self.subtype) = (type.lowercased(), subtype.lowercased())
        guard let parameters = Self.parameters(&rest) else { return nil }
        self.parameters = parameters
    }

    /// Parameters as they stand in several header fields: `; name=value; name="value"`.
    ///
    /// nil where they are not well-formed, or one comes twice.
    static func parameters(_ rest: inout Substring) -> [String: String]? {
        var parameters: [String: String] = [:]
        while true {
            skipBlanks(&rest)
            guard let next = rest.popFirst() else { return parameters }
            guard next == ";" else { return nil }
            skipBlanks(&rest)
            if rest.isEmpty { return parameters }
            guard let name = token(&rest), rest.popFirst() == "=", let value = value(&rest),
                parameters.updateValue(value, forKey: name.lowercased()) == nil
            else { return nil }
        }
    }

    private static func value(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else { return token(&rest).map(String.init) }
        rest.removeFirst()
        var value = ""
        while let next = rest.popFirst() {
            if next == "\"" { return value }
            if next == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            } else {
                value.append(next)
            }
        }
        return nil
    }

    static func token(_ rest: inout Substring) -> Substring? {
        let token = rest.prefix { character in
            guard let byte = character.asciiValue else { return false }
            return byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
        }
        guard !token.isEmpty else { return nil }
        rest = rest[token.endIndex...]
        return token
    }

    static func skipBlanks(_ rest: inout Substring) {
        rest = rest.drop { $0 == " " || $0 == "\t" }
    }
}
