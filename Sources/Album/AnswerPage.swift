import FaceImage
import Gallery

/// The answers of a run as one HTML page that needs nothing else: no script, no other file, no network.
///
/// A row for each person with the faces that matched, those that are uncertain apart, then the strangers, in groups if
/// they are grouped.
public struct AnswerPage {
    /// A face with what is said of it.
    private struct Tile {
        let face: IdentifiedFace
        let photo: String
    }

    private var people: [String: [Tile]] = [:]
    private var uncertain: [Tile] = []
    private var strangers: [Tile] = []
    private var failures: [(photo: String, problem: String)] = []

    /// A page without faces.
    public init() {}

    /// Adds the faces of a photo.
    public mutating func add(_ photo: IdentifiedPhoto) {
        for face in photo.faces {
            let tile = Tile(face: face, photo: photo.path)
            switch (face.answer.decision, face.answer.certainty) {
            case (.match, _): people[face.answer.match ?? "", default: []].append(tile)
            case (.ambiguous, _), (.review, _), (.unknown, .perhaps): uncertain.append(tile)
            case (.unknown, _): strangers.append(tile)
            }
        }
    }

    /// Adds a photo without an answer.
    public mutating func add(_ photo: String, problem: String) { failures.append((photo, problem)) }

    /// The templates of the strangers' faces, in the order in which `html` takes their groups.
    public var strangerTemplates: [[Float]] { strangers.map(\.face.template) }

    /// The page.
    ///
    /// - Parameters:
    ///   - summary: the counts of the run.
    ///   - gallery: what the gallery is called.
    ///   - made: when, in words.
    ///   - notes: sentences under the counts, such as how often strangers are named.
    ///   - groups: the group of each stranger's face, `nil` for one that stands alone; empty if they are not grouped.
    public func html(
        _ summary: IdentificationSummary, gallery: String, made: String, notes: [String], groups: [Int?] = []
    ) -> String {
        var page = Self.head(title: "Who is on these photos")
        page += "<header><h1>Who is on these photos</h1>\n<p>\(Self.escaped(summary.text)).</p>\n"
        page += "<p class=\"quiet\">Gallery \(Self.escaped(gallery)), \(Self.escaped(made)).</p>\n"
        for note in notes { page += "<p class=\"quiet\">\(Self.escaped(note))</p>\n" }
        page += "</header>\n<main>\n"
        for (name, tiles) in people.sorted(by: { $0.key < $1.key }) {
            page += section(name, "person", tiles.sorted { Self.similarity($0) > Self.similarity($1) })
        }
        if !uncertain.isEmpty {
            page += section(
                "Uncertain: please look", "uncertain",
                uncertain.sorted { Self.similarity($0) > Self.similarity($1) })
        }
        page += strangerSections(groups)
        if !failures.isEmpty {
            page += "<section class=\"failed\"><h2>Photos without an answer</h2>\n<ul>\n"
            for failure in failures { page += "<li>\(Self.escaped(failure.problem))</li>\n" }
            page += "</ul></section>\n"
        }
        return page + "</main>\n</body>\n</html>\n"
    }

    private func strangerSections(_ groups: [Int?]) -> String {
        guard !strangers.isEmpty else { return "" }
        guard groups.count == strangers.count else { return section("Strangers", "stranger", strangers) }
        var grouped: [Int: [Tile]] = [:]
        var alone: [Tile] = []
        for (tile, group) in zip(strangers, groups) {
            if let group { grouped[group, default: []].append(tile) } else { alone.append(tile) }
        }
        var text = ""
        let largestFirst = grouped.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        for (place, group) in largestFirst.enumerated() {
            text += section("Stranger \(place + 1)", "stranger", group.value)
        }
        return text + (alone.isEmpty ? "" : section("Strangers seen once", "stranger", alone))
    }

    private func section(_ title: String, _ kind: String, _ tiles: [Tile]) -> String {
        let count = tiles.count == 1 ? "1 face" : "\(tiles.count) faces"
        var text = "<section class=\"\(kind)\"><h2>\(Self.escaped(title)) <small>\(count)</small></h2>\n"
        text += "<div class=\"faces\">\n"
        for tile in tiles { text += Self.figure(tile) }
        return text + "</div></section>\n"
    }

    private static func figure(_ tile: Tile) -> String {
        let answer = tile.face.answer
        let name = tile.photo.split(separator: "/").last.map(String.init) ?? tile.photo
        var text = "<figure class=\"\(answer.decision.rawValue) \(answer.certainty?.rawValue ?? "far")\">"
        if let picture = tile.face.picture {
            let words = "face in \(name): \(answer.words)"
            text +=
                "<img alt=\"\(escaped(words))\" width=\"112\" height=\"112\" src=\"data:image/jpeg;base64,\(Base64.text(picture))\">"
        }
        text += "<figcaption><b>\(escaped(answer.words))</b>"
        if let first = answer.candidates.first { text += "<span>\(short(Double(first.similarity)))</span>" }
        text += "<i title=\"\(escaped(tile.photo))\">\(escaped(name))</i></figcaption></figure>\n"
        return text
    }

    private static func similarity(_ tile: Tile) -> Float {
        tile.face.answer.candidates.first?.similarity ?? -1
    }

    /// A text as it may stand in HTML, also in an attribute; what cannot be seen is spelt out.
    static func escaped(_ text: String) -> String {
        var safe = ""
        for character in text.printable {
            switch character {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            default: safe.append(character)
            }
        }
        return safe
    }

    private static func head(title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <title>\(escaped(title))</title>
        <style>
        :root { color-scheme: light dark; --ground: #fff; --text: #1b1d22; --quiet: #5b6270; --line: #d8dbe2;
          --match: #12813f; --close: #5f7a00; --uncertain: #a35c00; --stranger: #5b6270; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #16181d; --text: #e8eaef; --quiet: #a2a9b8; --line: #343945;
            --match: #4fd483; --close: #b9d34a; --uncertain: #ffb648; --stranger: #a2a9b8; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1rem; max-width: 70rem; background: var(--ground); color: var(--text);
          font: 16px/1.45 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; margin: 0.5rem 0; } h2 { font-size: 1.1rem; margin: 0 0 0.6rem; overflow-wrap: anywhere; }
        small, .quiet, figcaption { color: var(--quiet); font-size: 0.85rem; font-weight: normal; }
        p { margin: 0.3rem 0; }
        section { border-top: 1px solid var(--line); padding: 1rem 0; }
        .faces { display: flex; flex-wrap: wrap; gap: 0.8rem; }
        figure { margin: 0; width: 112px; }
        img { display: block; width: 112px; height: 112px; object-fit: cover; border-radius: 8px;
          border: 3px solid var(--stranger); background: #000; }
        figure.match img { border-color: var(--match); } figure.match.close img { border-color: var(--close); }
        figure.ambiguous img, figure.review img, figure.perhaps img { border-color: var(--uncertain); border-style: dashed; }
        figcaption > * { display: block; overflow-wrap: anywhere; }
        figcaption b { color: var(--text); font-weight: 600; } figcaption i { font-style: normal; }
        </style>
        </head>
        <body>

        """
    }
}
