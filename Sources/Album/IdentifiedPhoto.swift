public import FaceImage
public import Gallery

/// A face of a photo, and who it is.
public struct IdentifiedFace: Sendable {
    /// Where it is.
    public let face: Face
    /// Who it is.
    public let answer: Answer
    /// A square cut of the photo with the face, as a JPEG file; nil if it was not asked for.
    public let picture: [UInt8]?
    /// Its template; empty if it was not asked for.
    public let template: [Float]

    /// Collects the parts.
    public init(_ face: Face, _ answer: Answer, picture: [UInt8]? = nil, template: [Float] = []) {
        (self.face, self.answer, self.picture, self.template) = (face, answer, picture, template)
    }
}

/// A photo, and who is on it.
public struct IdentifiedPhoto: Sendable {
    /// Its path, as it was given.
    public let path: String
    /// Pixels across.
    public let width: Int
    /// Pixels down.
    public let height: Int
    /// From left to right.
    public let faces: [IdentifiedFace]

    /// Collects the parts; brings the faces into order.
    public init(path: String, width: Int, height: Int, faces: [IdentifiedFace]) {
        (self.path, self.width, self.height) = (path, width, height)
        self.faces = faces.sorted { ($0.face.box.x, $0.face.box.y) < ($1.face.box.x, $1.face.box.y) }
    }

    /// The subjects that the photo shows, without those that are uncertain; each once, from left to right.
    public var subjects: [String] {
        var seen: Set<[UInt8]> = []
        return faces.compactMap { $0.answer.match }.filter { seen.insert(Array($0.utf8)).inserted }
    }
}

/// What became of the photos of a run, counted.
public struct IdentificationSummary: Sendable, Equatable {
    /// Photos that were looked at, those that failed among them.
    public var photos = 0
    /// Faces in them.
    public var faces = 0
    /// Faces that got a name.
    public var matched = 0
    /// Faces that two subjects are too similar to.
    public var ambiguous = 0
    /// Faces below the threshold that a person should look at.
    public var review = 0
    /// All other faces.
    public var unknown = 0
    /// Photos without an answer: they cannot be read, or show no face.
    public var failed = 0

    /// Nothing yet.
    public init() {}

    /// Adds a face.
    public mutating func add(_ decision: Decision) {
        faces += 1
        switch decision {
        case .match: matched += 1
        case .ambiguous: ambiguous += 1
        case .review: review += 1
        case .unknown: unknown += 1
        }
    }

    /// One line for people.
    public var text: String {
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        var parts = ["\(matched) matched", "\(unknown) unknown", "\(ambiguous) ambiguous"]
        if review > 0 { parts.append("\(review) to review") }
        return "\(counted(photos, "photo")), \(counted(faces, "face")): \(parts.joined(separator: ", "))"
            + "; \(counted(failed, "photo")) without an answer"
    }
}

extension Answer {
    /// The subject that the face is, if the decision is a match.
    public var match: String? { decision == .match ? candidates.first?.subject : nil }

    /// Who the face is, in the words that people get: `Ada`, `probably Ada`, `perhaps Ada`, `Ada or Bob`, `unknown`.
    public var words: String {
        guard let first = candidates.first else { return "unknown" }
        switch decision {
        case .match: return certainty == .close ? "probably \(first.subject)" : first.subject
        case .ambiguous:
            return candidates.count > 1
                ? "\(first.subject) or \(candidates[1].subject)" : "\(first.subject) or another"
        case .review: return "perhaps \(first.subject)"
        case .unknown: return certainty == .perhaps ? "unknown, perhaps \(first.subject)" : "unknown"
        }
    }
}
