/// Text as HTML shows it: nothing in it is markup.
func escaped(_ text: String) -> String {
    var shown = ""
    for character in text.unicodeScalars {
        switch character {
        case "&": shown += "&amp;"
        case "<": shown += "&lt;"
        case ">": shown += "&gt;"
        case "\"": shown += "&quot;"
        case "'": shown += "&#39;"
        case _
        where character.value < 0x20 || (0x7F..<0xA0).contains(character.value)
            || (0x202A...0x202E).contains(character.value) || (0x2066...0x2069).contains(character.value):
            // What steers a terminal or turns the direction of text is spelt out.
            shown += "\\u{\(String(character.value, radix: 16, uppercase: true))}"
        default: shown.unicodeScalars.append(character)
        }
    }
    return shown
}

/// A table: its head, and rows of cells that are markup already.
func table(_ head: [String], _ rows: [[String]]) -> String {
    let cells = head.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
        "<tr>" + row.enumerated().map { $0 == 0 ? "<th scope=\"row\">\($1)</th>" : "<td>\($1)</td>" }.joined()
            + "</tr>"
    }.joined(separator: "\n")
    return
        "<div class=\"wide\"><table><thead><tr>\(cells)</tr></thead><tbody>\n\(body)\n</tbody></table></div>\n"
}
