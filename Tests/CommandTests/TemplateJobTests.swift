import Foundation
import Glibc
import TestSupport
import Testing

/// How `enroll --embeddings` accounts for what it does, and ends when it is told to.
@Suite("A job of given templates", .serialized)
struct TemplateJobTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery
    private let rows: [[Float]]

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 22)
        rows = (0..<50).map { _ in generator.unitVector(16) }
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
    }

    private func enroll(_ words: String...) throws -> Facegallery.Result {
        try facegallery.run(["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "names.txt"] + words)
    }

    private func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
    }

    private func objects(_ lines: Data) throws -> [[String: Any]] {
        try lines.split(separator: 0x0A).map {
            try JSONSerialization.jsonObject(with: $0) as? [String: Any] ?? [:]
        }
    }

    /// Rows with two that cannot be enrolled, and a name that no subject can have.
    private func writeRowsWithFaults() throws {
        var faulty = rows
        faulty[7][3] = .nan
        faulty[20] = [Float](repeating: 0, count: 16)
        try folder.write(npy(faulty), to: "x.npy")
        let names = (0..<50).map { $0 == 30 ? "\u{7}" : "subject \($0)" }
        try folder.write(Array((names.joined(separator: "\n") + "\n").utf8), to: "names.txt")
    }

    @Test("lists what it refuses in a file, with the row and a reason, and counts it by reason")
    func rejects() throws {
        try writeRowsWithFaults()
        let result = try enroll("--rejects", "rejects.jsonl", "--json")
        #expect(result.exitCode == 65)
        let list = try objects(bytes("rejects.jsonl"))
        #expect(list.map { $0["row"] as? Int } == [7, 20, 30])
        #expect(list.map { $0["reason"] as? String } == ["bad_template", "bad_template", "bad_name"])
        #expect(list.allSatisfy { $0["file"] as? String == "x.npy" && $0["status"] as? String == "refused" })
        let summary = try result.objects().last ?? [:]
        #expect(summary["event"] as? String == "summary" && summary["enrolled"] as? Int == 47)
        #expect(summary["reasons"] as? [String: Int] == ["bad_template": 2, "bad_name": 1])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("rejects.jsonl"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    @Test("never writes the list over what it reads", arguments: ["x.npy", "names.txt"])
    func rejectsOverInput(name: String) throws {
        try writeRowsWithFaults()
        let before = try bytes(name)
        #expect(try enroll("--rejects", name).exitCode == 64)
        #expect(try bytes(name) == before)
    }

    @Test("never writes the list over standard input either")
    func rejectsOverStandardInput() throws {
        let line = "{\"subject\": \"Ada\", \"embedding\": \(rows[0])}\n"
        try folder.write(Array(line.utf8), to: "x.jsonl")
        let result = try facegallery(
            "enroll", "-g", "g", "--embeddings", "-", "--rejects", "x.jsonl", input: folder.file("x.jsonl"))
        #expect(result.exitCode == 64 && result.err.contains("would overwrite"), "\(result.err)")
        #expect(try bytes("x.jsonl") == Data(line.utf8))
    }

    @Test("that is a dry run says what the real one then does, and writes nothing")
    func dryRun() throws {
        try writeRowsWithFaults()
        #expect(try enroll().exitCode == 65)
        // Twenty rows, of which all but one are there, and thirty new ones of which ten come twice.
        let mixed = Array(rows[0..<20]) + (0..<30).map { place in rows[place % 20].reversed() }
        try folder.write(npy(mixed), to: "x.npy")
        let names = (0..<50).map { "subject \($0 < 20 ? $0 : $0 % 20)" }
        try folder.write(Array(names.joined(separator: "\n").utf8), to: "names.txt")
        let before = try bytes("g/data.mdb")
        let rehearsed = try enroll("--dry-run", "--json", "--commit-every", "7")
        #expect(try bytes("g/data.mdb") == before)
        let done = try enroll("--json")
        let (told, found) = (try rehearsed.objects().last ?? [:], try done.objects().last ?? [:])
        for key in ["enrolled", "present", "refused"] {
            #expect(told[key] as? Int == found[key] as? Int, "\(key)")
        }
        #expect(told["enrolled"] as? Int == 21 && told["dryRun"] as? Bool == true)
        #expect(rehearsed.err.contains("21 templates would be enrolled"), "\(rehearsed.err)")
    }

    @Test(
        "commits what comes slowly, tells programs how far it is, and ends at once when it is told to",
        arguments: [SIGTERM, SIGINT])
    func interrupted(number: Int32) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["enroll", "-g", "g", "--embeddings", "-", "--json"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let lines = rows.map { "{\"subject\": \"Ada\", \"embedding\": \($0)}\n" }
        try input.fileHandleForWriting.write(contentsOf: Data(lines[0..<40].joined().utf8))
        // The writer stays, and writes nothing more.
        try facegallery.waitForReferences(40)
        kill(process.processIdentifier, number)
        let told = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 75, "\(said)")
        #expect(said.contains("run the same command again"), "\(said)")
        let events = try objects(Data(told.utf8))
        #expect(events.first?["event"] as? String == "progress")
        #expect(events.last?["interrupted"] as? Bool == true && events.last?["enrolled"] as? Int == 40)
        try folder.write(Array(lines.joined().utf8), to: "x.jsonl")
        let rerun = try facegallery(
            "enroll", "-g", "g", "--embeddings", "-", "--json", input: folder.file("x.jsonl"))
        #expect(try rerun.objects().last?["present"] as? Int == 40)
        #expect(try rerun.objects().last?["enrolled"] as? Int == 10)
    }

    @Test("that is told to end when a training is due leaves that to the next search")
    func interruptedBeforeTraining() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["enroll", "-g", "g", "--embeddings", "-"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let input = Pipe()
        process.standardInput = input
        process.standardError = Pipe()
        try process.run()
        var generator = SeededGenerator(seed: 23)
        let line = {
            "{\"subject\": \"Ada\", \"embedding\": \(generator.unitVector(16).map { ($0 * 1e4).rounded() })}\n"
        }
        let lines = (0..<20_000).map { _ in line() }.joined()
        try input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
        try facegallery.waitForReferences(20_000)
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 75)
        let stats = try facegallery("stats", "-g", "g", "--json").objects().first
        #expect((stats?["index"] as? [String: Any])?["added"] as? Int == 0)
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }
}
