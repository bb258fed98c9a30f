import Gallery
import TemplateStore
import TestSupport

/// A reference as a gallery should hold it.
public struct ExpectedReference: Equatable, Sendable {
    /// Its number.
    public var id: Int64
    /// Name of its subject.
    public var subject: String
    /// Where it came from.
    public var source: String
    /// Numbers of its template.
    public var template: [Float]

    /// Collects the parts.
    public init(id: Int64, subject: String, source: String, template: [Float]) {
        (self.id, self.subject, self.source, self.template) = (id, subject, source, template)
    }
}

/// One thing that a program asks of a gallery; what it changes is one transaction.
public enum StorageStep: Sendable {
    /// Enrols this number of references, some of them of new subjects.
    case enroll(Int)
    /// Removes a subject.
    case remove(String)
    /// Gives a subject another name.
    case rename(String, String)
    /// Moves the references of the first subject to the second.
    case merge(String, String)
    /// Trains the index if that is due, and saves it.
    case save
    /// Closes the gallery, and opens it again.
    case reopen
    /// Closes the gallery, compacts its files, and opens it again.
    case compact
}

/// A job in steps, the same in every run, and what a gallery holds after each.
public struct StorageJob: Sendable {
    /// Numbers in a template.
    public static let dimension = 16
    /// What is done after the gallery is created.
    public let steps: [StorageStep]
    /// What the gallery holds after so many steps.
    public let expected: [[ExpectedReference]]

    /// Every kind of change, with a small index that has no lists.
    public static let small = StorageJob([
        .enroll(1), .enroll(7), .save, .enroll(40), .remove("subject 3"), .enroll(90), .save,
        .rename("subject 5", "Zoë"), .reopen, .enroll(300), .merge("subject 1", "Zoë"), .save,
        .remove("subject 2"),
        .compact, .enroll(25), .remove("Zoë"), .save, .reopen, .enroll(60), .enroll(3),
    ])

    /// An index with lists, which grows.
    public static let large = StorageJob([
        .enroll(20_000), .save, .enroll(500), .save, .remove("subject 3"), .reopen, .enroll(700), .save,
    ])

    /// The jobs by name.
    public static let all = ["small": small, "large": large]

    private init(_ steps: [StorageStep]) {
        self.steps = steps
        var generator = SeededGenerator(seed: 13)
        var held: [ExpectedReference] = []
        var next: Int64 = 1
        var states = [held]
        for step in steps {
            switch step {
            case .enroll(let count):
                for _ in 0..<count {
                    held.append(
                        ExpectedReference(
                            id: next, subject: "subject \(next % 11)", source: "photo \(next)",
                            template: generator.unitVector(Self.dimension)))
                    next += 1
                }
            case .remove(let name): held.removeAll { $0.subject == name }
            case .rename(let old, let new), .merge(let old, let new):
                for place in held.indices where held[place].subject == old { held[place].subject = new }
            case .save, .reopen, .compact: break
            }
            states.append(held)
        }
        expected = states
    }

    /// Does all of it in a new gallery, and says after the creation and each step that it is done.
    public func run(at path: String, tell: (String) -> Void) throws {
        try FaceGallery.create(at: path, dimension: Self.dimension)
        tell("created\n")
        var gallery: FaceGallery? = try FaceGallery(at: path)
        for (number, step) in steps.enumerated() {
            switch step {
            case .enroll(let count):
                _ = try gallery?.enroll(
                    expected[number + 1].suffix(count).map {
                        NewReference(subject: $0.subject, source: $0.source, template: $0.template)
                    })
            case .remove(let name): try gallery?.remove(subject: name)
            case .rename(let old, let new): try gallery?.rename(old, to: new)
            case .merge(let old, let new): try gallery?.merge(old, into: new)
            case .save: try gallery?.settle()
            case .reopen:
                gallery = nil
                gallery = try FaceGallery(at: path)
            case .compact:
                gallery = nil
                _ = try FaceGallery.compact(at: path)
                gallery = try FaceGallery(at: path)
            }
            tell("step \(number)\n")
        }
        gallery = nil
    }
}
