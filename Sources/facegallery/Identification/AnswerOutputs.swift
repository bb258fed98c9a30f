import Album
import ArgumentParsing
import Clustering
import Enrollment
import FaceImage
import Files
import Glibc

/// What a page says of a run.
struct OutputFacts {
    let summary: IdentificationSummary
    let gallery: String
    let notes: [String]
    /// Cosine from which two faces of strangers are one person's; nil if none is known.
    let threshold: Double?
}

/// The files that answers are also written to: a table, drawn photos, a page.
final class AnswerOutputs {
    private let (csv, draw, report): (String?, String?, String?)
    private var table: ScratchFile?
    private var tableSize = 0
    private var drawer: PhotoDrawer?
    private var page = AnswerPage()

    /// Checks all outputs before anything is read.
    ///
    /// - Throws: `CommandFailure` for an output that would destroy an input.
    init(_ arguments: ParsedArguments, gallery: String, photos: [PhotoItem]) throws(CommandFailure) {
        (csv, draw, report) = (arguments.value("--csv"), arguments.value("--draw"), arguments.value("--report"))
        var outputs = Outputs(inputs: [gallery] + arguments.positionals + photos.map(\.path))
        outputs.add("--csv", csv)
        outputs.add("--draw", draw, .newFolder)
        outputs.add("--report", report, .newFolder)
        try outputs.check()
    }

    /// Whether faces are to come with their pictures.
    var needsPictures: Bool { report != nil }

    /// Opens the outputs, runs `body`, which adds photos, and completes them.
    ///
    /// A run that fails leaves no table and no page.
    func write(
        threads: Int, _ limits: DecodeLimits, _ console: Console, _ body: (AnswerOutputs) throws -> OutputFacts
    ) throws {
        if let csv {
            table = try ScratchFile(replacing: csv)
            try append(AnswerTable.header)
        }
        let pageFolder = try report.map { try Self.newFolder($0, "--report") }
        var facts: OutputFacts?
        if let draw {
            let drawer = PhotoDrawer(into: try Self.newFolder(draw, "--draw"), limits: limits)
            self.drawer = drawer
            let (drawn, failures) = try drawer.run(threads: threads) { facts = try body(self) }
            for line in failures { console.note("error: \(printable(line))") }
            console.note("\(drawn) \(drawn == 1 ? "photo" : "photos") drawn into \(printable(draw))")
        } else {
            facts = try body(self)
        }
        try table?.publish()
        guard let pageFolder, let facts else { return }
        let html = page.html(
            facts.summary, gallery: facts.gallery, made: Self.now(), notes: facts.notes,
            groups: try strangerGroups(facts, threads: threads))
        try ScratchFile.replace("index.html", in: pageFolder, with: Array(html.utf8))
        console.note("the page is \(printable(pageFolder.path))/index.html")
    }

    /// The group of each stranger's face; empty where no threshold says who is alike.
    private func strangerGroups(_ facts: OutputFacts, threads: Int) throws -> [Int?] {
        let templates = page.strangerTemplates
        guard let similarity = facts.threshold, (0...1).contains(similarity), let first = templates.first else {
            return []
        }
        var graph = try FaceGraph(dimension: first.count, minSimilarity: similarity)
        let nodes = try templates.map { try graph.add($0)[0] }
        try graph.compare(threads: threads)
        return try graph.clusters(of: nodes, threads: threads)
    }

    /// Adds a photo with its answers.
    func add(_ photo: IdentifiedPhoto) throws {
        for face in photo.faces { try append(AnswerTable.row(face, of: photo)) }
        drawer?.add(photo)
        if report != nil { page.add(photo) }
    }

    /// Adds a photo without an answer.
    func add(_ path: String, problem: String) throws {
        try append(AnswerTable.row(path, problem: problem))
        page.add(path, problem: problem)
    }

    private func append(_ row: String) throws(FileError) {
        guard let table else { return }
        let bytes = Array(row.utf8)
        try table.write(bytes, at: tableSize)
        tableSize += bytes.count
    }

    private static func newFolder(_ path: String, _ option: String) throws -> OpenFolder {
        let (parent, name) = try OpenFolder.holding(path)
        guard try parent.makeFolder(name, mode: 0o700) else {
            throw CommandFailure(printable("\(path): \(option) needs a new folder, but this exists"), .usage)
        }
        return try OpenFolder(name, in: parent)
    }

    /// The date and time, in the user's own time zone.
    private static func now() -> String { LocalTime.text(of: Double(time(nil))) }
}

/// Moments as people write them.
enum LocalTime {
    /// A moment in seconds since 1970-01-01 00:00 UTC, in the user's own time zone.
    static func text(of seconds: Double) -> String {
        guard abs(seconds) < 1e12 else { return "\(seconds)" }
        var moment = time_t(seconds)
        var parts = unsafe tm()
        guard unsafe localtime_r(&moment, &parts) != nil else { return "\(seconds)" }
        var text = [CChar](repeating: 0, count: 64)
        let count = unsafe strftime(&text, text.count, "%Y-%m-%d %H:%M:%S %Z", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
