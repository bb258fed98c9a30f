import Foundation
import TestSupport
import Testing
import Training
import Wire

/// Every verb that has `--json`, run as a user runs it.
@Suite("JSON output")
struct JSONOutputTests {
    /// Verbs that a test of this suite runs; `setup`, which needs downloads, is in a suite of its own.
    private static let verbs: Set = [
        "enroll", "identify", "sort", "set", "remove", "rename", "merge", "verify", "embed", "subjects",
        "stats", "check", "import", "snapshot", "restore",
        "compact", "migrate", "network", "train", "duplicates", "audit", "setup", "evaluate", "calibrate",
        "cluster", "keys",
    ]
    private let page: JSONPage

    init() throws { page = try JSONPage() }

    /// Runs a command and holds each of its lines against its type and the page.
    ///
    /// - Returns: the names of the types of its lines.
    @discardableResult
    private func check<Line: Codable>(
        _ facegallery: Facegallery, _ arguments: [String], as type: Line.Type, exitCode: Int32 = 0,
        input: String? = nil
    ) throws -> Set<String> {
        let result = try facegallery.run(arguments + ["--json"], input: input)
        #expect(result.exitCode == exitCode, "\(arguments): \(result.err)")
        #expect(!result.lines.isEmpty, "\(arguments): \(result.err)")
        var names: Set<String> = []
        for text in result.lines {
            let line = try WireFormat.decode(type, from: text.utf8)
            let again = try WireFormat.line(line).dropLast()
            #expect(String(decoding: again, as: UTF8.self) == text)
            let name = Self.name(of: line)
            names.insert(name)
            let value = try WireFormat.decode(JSONValue.self, from: text.utf8)
            #expect(page.faults(of: value, as: "`\(name)`") == [], "\(arguments): \(text)")
        }
        return names
    }

    /// The name of the type that the page has a table of: what a line of several kinds holds, or the line's own.
    private static func name(of line: some Codable) -> String {
        let mirror = Mirror(reflecting: line)
        let content: Any = mirror.displayStyle == .enum ? mirror.children.first?.value ?? line : line
        return "\(type(of: content))"
    }

    @Test("every verb that has it is tested here")
    func allVerbs() throws {
        let facegallery = Facegallery(try TemporaryFolder())
        let verbs = try facegallery("--help").lines.drop { $0 != "COMMANDS:" }.dropFirst()
            .prefix { $0.hasPrefix("  ") }.compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(verbs.count > 15)
        let having = try verbs.filter { verb in
            try facegallery(verb, "--help").lines.contains { $0.split(separator: " ").first == "--json" }
        }
        #expect(Set(having) == Self.verbs)
    }

    @Test("of keys is documented and reads back as it was")
    func keys() throws {
        let facegallery = Facegallery(try TemporaryFolder())
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
        let create = ["keys", "create", "-g", "g", "--role", "read", "--days", "1", "--only", "g"]
        try check(facegallery, create, as: KeyRecord.self)
        try check(facegallery, ["keys", "list", "-g", "g"], as: KeyRecord.self)
        let id = try facegallery("keys", "list", "-g", "g", "--json").objects().first?["id"] as? String
        try check(facegallery, ["keys", "revoke", #require(id), "-g", "g"], as: KeyRevocationRecord.self)
    }

    @Test("of enrolments and searches is documented and reads back as it was")
    func photos() throws {
        let test = try PatternGallery()
        try test.drawPeople(photos: 9)
        try test.draw(0, as: "people/Person 0/same.ppm")
        try test.folder.write(Array("no photo".utf8), to: "people/notes.txt")
        let run = test.facegallery
        #expect(
            try check(run, ["enroll", "-g", "g", "people"], as: EnrollmentLine.self) == [
                "EnrollmentRecord", "EnrollmentProgressRecord", "EnrollmentSummaryRecord",
            ])
        try test.draw(20, as: "one.ppm")
        try test.folder.write(
            Array("path,subject,camera\none.ppm,Zoë,\"K\u{1B}\"\nnone.ppm,Nobody,\n".utf8), to: "m.csv")
        try check(run, ["enroll", "-g", "g", "--manifest", "m.csv"], as: EnrollmentLine.self)
        try test.draw(20, copy: 1, as: "two.ppm")
        try check(
            run, ["enroll", "-g", "g", "--subject", "Twin", "--duplicates", "report", "two.ppm"],
            as: EnrollmentLine.self)
        let rows = (0..<16).map { $0 == 3 ? "1" : "0.25" }.joined(separator: ",")
        let input = try test.folder.write(
            Array(
                "{\"subject\": \"Ada\", \"embedding\": [\(rows)]}\n{\"subject\": \"Bob\", \"embedding\": [1]}\n"
                    .utf8
            ), to: "x.jsonl")
        #expect(
            try check(
                run, ["enroll", "-g", "g", "--embeddings", "-"], as: EnrollmentLine.self, exitCode: 65,
                input: input
            ).contains("TemplateRefusalRecord"))
        try check(run, ["identify", "-g", "g", "one.ppm", "people"], as: IdentificationLine.self)
        try check(
            run, ["identify", "-g", "g", "--with-metadata", "-k", "3", "one.ppm"], as: IdentificationLine.self)
        let probe = try test.folder.write(Array("{\"embedding\": [\(rows)]}\n".utf8), to: "probe.jsonl")
        try check(
            run, ["identify", "-g", "g", "--embeddings", "-", "--exact"], as: IdentificationLine.self,
            input: probe)
        try test.folder.write(Array("no photo".utf8), to: "broken.jpg")
        #expect(
            try check(
                run, ["identify", "-g", "g", "one.ppm", "broken.jpg"], as: IdentificationLine.self, exitCode: 65
            )
                == ["AnswerRecord", "AnswerFailureRecord"])
        let probes = try test.folder.write(
            Array("{\"photo\": \"one.ppm\", \"id\": \"a\"}\n{\"embedding\": [1], \"id\": \"b\"}\n".utf8),
            to: "probes.jsonl")
        #expect(
            try check(
                run, ["identify", "-g", "g", "--probes", "-"], as: IdentificationLine.self, exitCode: 65,
                input: probes) == ["AnswerRecord", "AnswerFailureRecord"])
        #expect(
            try check(
                run, ["sort", "-g", "g", "one.ppm", "broken.jpg", "--into", "album"],
                as: SortedPhotoRecord.self,
                exitCode: 65) == ["SortedPhotoRecord"])
        try check(run, ["verify", "--network", "mynet/", "one.ppm", "two.ppm"], as: VerificationRecord.self)
        try check(
            run, ["verify", "-g", "g", "--subject", "Person 1", "one.ppm"], as: VerificationRecord.self)
        try test.draw(41, as: "stranger.ppm")
        try check(run, ["cluster", "--network", "mynet/", "people", "one.ppm"], as: ClusteredFaceRecord.self)
        try check(
            run, ["cluster", "-g", "g", "--unknown", "--out", "c", "people", "one.ppm", "stranger.ppm"],
            as: ClusteredFaceRecord.self)
        #expect(
            try run(
                "embed", "--network", "mynet/", "one.ppm", "people/notes.txt", "--out", "e.npy", "--names",
                "e.txt", "--json"
            )
            .objects().last?["reason"] as? String == "unreadable")
        try check(
            run,
            [
                "embed", "--network", "mynet/", "people/notes.txt", "one.ppm", "--out", "e.npy", "--names",
                "e.txt",
            ], as: EmbeddingRecord.self, exitCode: 65)
    }

    @Test("of the care of a gallery is documented and reads back as it was")
    func care() throws {
        let test = try PatternGallery()
        try test.drawPeople(photos: 24)
        let run = test.facegallery
        #expect(try run("enroll", "-g", "g", "people").exitCode == 0)
        try test.draw(3, copy: 1, as: "again.ppm")
        try test.folder.write(Array("path,subject,camera\nagain.ppm,Twin,K\n".utf8), to: "m.csv")
        #expect(try run("enroll", "-g", "g", "--manifest", "m.csv").exitCode == 0)
        try check(run, ["set", "-g", "g", "review", "0.25"], as: DecisionSettingsRecord.self)
        try check(
            run, ["rename", "-g", "g", "Twin", "Other", "--dry-run"], as: SubjectChangeRecord.self)
        try check(run, ["merge", "-g", "g", "Twin", "Twin"], as: SubjectChangeRecord.self, exitCode: 64)
        try check(
            run, ["remove", "-g", "g", "Nobody", "Twin", "--dry-run"], as: SubjectChangeRecord.self,
            exitCode: 66)
        try check(run, ["subjects", "-g", "g"], as: SubjectRecord.self)
        try check(run, ["subjects", "-g", "g", "Person 0", "Twin"], as: ReferenceRecord.self)
        try check(run, ["stats", "-g", "g"], as: StatisticsRecord.self)
        try check(run, ["check", "-g", "g"], as: CheckRecord.self)
        try check(run, ["duplicates", "-g", "g", "--min-similarity", "0"], as: DuplicatePairRecord.self)
        try check(
            run, ["audit", "-g", "g", "--min-similarity", "-1", "--max-likenesses", "1"],
            as: AuditFindingRecord.self)
        #expect(try run("export", "-g", "g", "--jsonl", "all.jsonl").exitCode == 0)
        try check(run, ["import", "-g", "copy", "all.jsonl"], as: ImportRecord.self)
        try check(run, ["snapshot", "-g", "g", "snap"], as: SnapshotRecord.self)
        try check(run, ["restore", "snap", "-g", "back"], as: SnapshotRecord.self)
        try check(run, ["compact", "-g", "back"], as: CompactionRecord.self)
        try test.writeNetwork("other", to: "other", side: 48, dimension: 64, threshold: 0.9876, seed: 2)
        try FileManager.default.removeItem(atPath: test.folder.file("again.ppm"))
        let migrated = try check(
            run, ["migrate", "-g", "g", "--network", "other/", "--drop-missing"], as: MigrationLine.self)
        #expect(
            migrated == ["MissingReferenceRecord", "MigrationProgressRecord", "MigrationSummaryRecord"])
    }

    @Test("of evaluations and calibrations is documented and reads back as it was")
    func evaluations() throws {
        let test = try MadePeople(people: 60, photos: 3)
        let probes = (0..<400).map { (person: $0 % 200, photo: 5 + $0 / 200) }
        try test.write(probes, to: "p")
        let lines = (0..<200).map { "Person \($0),\($0 % 2 == 0 ? "even" : "odd")\n" }
        try test.folder.write(Array(("subject,group\n" + lines.joined()).utf8), to: "groups.csv")
        let run = test.facegallery
        try check(
            run,
            [
                "evaluate", "identification", "-g", "g", "--embeddings", "p.npy", "--subjects", "p.txt",
                "--groups",
                "groups.csv", "--worst", "2",
            ], as: EvaluationRecord.self)
        try check(run, ["evaluate", "self", "-g", "g", "--worst", "2"], as: EvaluationRecord.self)
        try check(
            run, ["calibrate", "-g", "g", "--target-fpir", "0.02", "--review-fpir", "0.2"],
            as: CalibrationRecord.self)
        try check(run, ["identify", "-g", "g", "--embeddings", "p.npy"], as: AnswerRecord.self)
        try check(run, ["stats", "-g", "g"], as: StatisticsRecord.self)
        try check(run, ["check", "-g", "g", "--recall", "50"], as: CheckRecord.self)
    }

    @Test("of networks is documented and reads back as it was")
    func networks() throws {
        let test = try PatternGallery()
        var run = test.facegallery
        run.environment["FACEGALLERY_CACHE"] = test.folder.file("cache")
        try check(run, ["network", "export", "mynet/", "--onnx", "s.onnx"], as: NetworkExportRecord.self)
        try check(run, ["network", "import", "s.onnx", "--name", "again"], as: NetworkRecord.self)
        #expect(
            try check(run, ["network", "list"], as: NetworkLine.self) == [
                "NetworkRecord", "ArchitectureRecord",
            ])
        try check(run, ["network", "show", "again"], as: NetworkLine.self)
        try check(run, ["network", "show", "mynet/"], as: NetworkLine.self)
        try check(run, ["network", "show", "siamese-small"], as: NetworkLine.self)
        try check(run, ["network", "remove", "again"], as: NetworkRemovalRecord.self)
    }

    @Test("of a training is documented and reads back as it was")
    func training() throws {
        let folder = try TemporaryFolder()
        try RenderedNumbers.write(Array(stride(from: 3, to: 99, by: 5)), photos: 6, into: folder.file("people"))
        let run = Facegallery(folder)
        let lines = try check(
            run,
            [
                "train", "people", "--no-detect", "--network", "siamese-small", "--side", "20", "--dimension",
                "16", "--people-per-batch", "5", "--photos-per-person", "3", "--epochs", "2", "--warm-up", "3",
                "--threads", "1", "--out", "net", "--patience", "2", "--weights", "float16",
            ], as: TrainingLogLine.self)
        #expect(lines == ["TrainingSettings", "EpochRecord", "TrainingEnd"])
        try check(run, ["network", "show", "net/"], as: NetworkLine.self)
    }

    @Test("of photos of faces is documented and reads back as it was", .enabled(if: Facegallery.hasModels))
    func faces() throws {
        let folder = try TemporaryFolder()
        let run = Facegallery(folder)
        try run.makeGalleryAndPortrait()
        let partial = Facegallery.portrait("obama_partial_face.jpg")
        let portrait = Facegallery.portrait("obama.jpg")
        try check(run, ["enroll", "-g", "g", "people", "--min-sharpness", "1"], as: EnrollmentLine.self)
        try check(
            run, ["enroll", "-g", "g", "--subject", "B", "--min-face-size", "2000", portrait],
            as: EnrollmentLine.self, exitCode: 65)
        try check(run, ["identify", "-g", "g", portrait, partial], as: IdentificationLine.self)
        try check(run, ["verify", portrait, "people/Joe Biden.jpg"], as: VerificationRecord.self)
        try check(
            run, ["embed", portrait, "people", "--out", "e.npy", "--names", "e.txt"], as: EmbeddingRecord.self)
        try check(run, ["subjects", "-g", "g", "Joe Biden"], as: ReferenceRecord.self)
        try check(run, ["stats", "-g", "g"], as: StatisticsRecord.self)
    }
}
