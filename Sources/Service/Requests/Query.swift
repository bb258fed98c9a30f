import Gallery
import HTTPServer

/// A parameter of a query, as documentation and checks need it.
struct QueryParameter: Sendable {
    /// What its value is.
    enum Kind: Sendable {
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case flag
        case words([String])
        case text(longest: Int)
    }

    let name: String
    let kind: Kind
    /// What it means, in a sentence.
    let meaning: String

    init(_ name: String, _ kind: Kind, _ meaning: String) {
        (self.name, self.kind, self.meaning) = (name, kind, meaning)
    }
}

/// The values of a query, checked against what a call knows.
struct Query: Sendable {
    private var values: [String: String] = [:]

    /// - Throws: `Problem` 400 for an unknown or repeated parameter, or a value out of its range.
    init(_ pairs: [(name: String, value: String)], _ known: [QueryParameter]) throws(Problem) {
        for (name, value) in pairs {
            guard let parameter = known.first(where: { $0.name == name }) else {
                let names = known.isEmpty ? "none" : known.map(\.name).joined(separator: ", ")
                throw Problem(
                    400, "unknown_parameter", "there is no parameter '\(name)'", field: name,
                    remedy: "this call knows: \(names)")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Problem(400, "bad_parameter", "'\(name)' is given more than once", field: name)
            }
            try Self.check(value, parameter)
        }
    }

    func integer(_ name: String) -> Int? { values[name].flatMap { Int($0) } }
    func number(_ name: String) -> Double? { values[name].flatMap { Double($0) } }
    func flag(_ name: String) -> Bool { values[name] == "true" || values[name] == "" }
    func text(_ name: String) -> String? { values[name] }

    private static func check(_ value: String, _ parameter: QueryParameter) throws(Problem) {
        let expected: String?
        switch parameter.kind {
        case .integer(let range):
            let isGood = Int(value).map { range.contains($0) } ?? false
            expected = isGood ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            let isGood = Double(value).map { range.contains($0) } ?? false
            expected = isGood ? nil : "a number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: expected = ["true", "false", ""].contains(value) ? nil : "true or false"
        case .words(let words): expected = words.contains(value) ? nil : words.joined(separator: " or ")
        case .text(let longest):
            expected = value.utf8.count <= longest ? nil : "a text of at most \(longest) bytes"
        }
        guard let expected else { return }
        throw Problem(
            400, "bad_parameter", "'\(parameter.name)' is out of range", field: parameter.name,
            remedy: "give \(expected)")
    }
}

/// Parameters that several calls have, named like the options of the program.
enum Parameters {
    static let search = [
        QueryParameter("k", .integer(1...10_000), "Subjects in an answer (5 without it)."),
        minSimilarity,
        QueryParameter(
            "minMargin", .number(0...2), "How much more similar the first subject must be than the second."),
        fusion,
        QueryParameter("exact", .flag, "Compare every template: misses nothing, but takes much longer."),
        QueryParameter(
            "maxSearchLoss", .number(0...0.5),
            "Share of searches that may miss their best answer (0.001 without it)."),
        QueryParameter(
            "withMetadata", .flag, "Add to each candidate the metadata of its most similar reference."),
    ]
    static let minSimilarity = QueryParameter(
        "minSimilarity", .number(-1...1),
        "Faces match from this cosine on (the network's threshold without it).")
    static let fusion = QueryParameter(
        "fusion", .words(Fusion.allCases.map(\.rawValue)), "How several references of a subject count.")
    static let largestFace = QueryParameter(
        "largestFace", .flag, "If a photo shows several faces, take the largest.")
    static let withTemplate = QueryParameter("withTemplate", .flag, "Add the template of each face.")
}

extension FaceGallery.Search {
    /// The search that a query describes.
    init(_ query: Query) {
        self.init()
        if let count = query.integer("k") { self.count = count }
        if let rule = query.text("fusion").flatMap(Fusion.init) { fusion = rule }
        if let loss = query.number("maxSearchLoss") { mode = .maxSearchLoss(loss) }
        if query.flag("exact") { mode = .exact }
        minSimilarity = query.number("minSimilarity")
        minMargin = query.number("minMargin") ?? 0
        withMetadata = query.flag("withMetadata")
    }
}
