import Foundation
import Glibc
import TestSupport
import Testing

/// What was told as enrolled is there, whatever happens to the process.
@Suite("A process that is killed", .serialized)
struct CrashTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    /// Starts an enrolment, ends it with `kill -9` after some time, and returns the lines that it printed.
    private func killedRun(_ arguments: [String], after seconds: Double) throws -> [[String: Any]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let out = folder.file("out-\(UUID().uuidString)")
        try Data().write(to: URL(fileURLWithPath: out))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(seconds * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        // A line that was cut off was not told.
        let text = try String(contentsOfFile: out, encoding: .utf8)
        let whole = text.hasSuffix("\n") ? text.split(separator: "\n") : text.split(separator: "\n").dropLast()
        return try whole.map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    @Test("at twenty random moments of enrolling templates, check passes and no row is doubled")
    func templates() throws {
        var generator = SeededGenerator(seed: 11)
        // Enough for a training.
        let count = 21_000
        try folder.write(npy((0..<count).map { _ in generator.unitVector(16) }), to: "x.npy")
        try folder.write(Array((0..<count).map { "subject \($0 / 3)\n" }.joined().utf8), to: "x.txt")
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
        let job = ["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt", "--json"]
        #expect(try facegallery("create", "-g", "whole", "--dimension", "16").exitCode == 0)
        let start = ContinuousClock.now
        #expect(try facegallery.run(job.map { $0 == "g" ? "whole" : $0 }).exitCode == 0)
        let whole = (ContinuousClock.now - start) / .seconds(1)
        var before = 0
        for run in 0..<20 {
            if run.isMultiple(of: 5) {
                try FileManager.default.removeItem(atPath: folder.file("g"))
                #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
                before = 0
            }
            let moment = Double.random(in: 0...1, using: &generator) * whole
            _ = try killedRun(job, after: moment)
            let stats = try facegallery("stats", "-g", "g", "--json")
            let references = try stats.objects().first?["references"] as? Int ?? -1
            #expect(references >= before && references <= count)
            before = references
            guard run % 5 == 4 else { continue }
            let check = try facegallery("check", "-g", "g", "--json")
            #expect(check.exitCode == 0, "\(check.out)")
        }
        let last = try facegallery.run(job)
        let summary = try last.objects().last ?? [:]
        #expect(summary["present"] as? Int == before)
        #expect(summary["enrolled"] as? Int == count - before)
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test(
        "at twenty random moments of enrolling photos, every photo that was told is there",
        .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
    func photos() throws {
        let photos = try SmallPortraits.write(40, into: folder.file("people"))
        #expect(try facegallery("create", "-g", "g").exitCode == 0)
        var generator = SeededGenerator(seed: 12)
        var told: Set<String> = []
        for run in 0..<20 {
            let moment = Double.random(in: 0.5...3, using: &generator)
            let lines = try killedRun(["enroll", "-g", "g", "--json", "people"], after: moment)
            for line in lines where line["status"] as? String == "enrolled" {
                let photo = try #require(line["photo"] as? String)
                #expect(told.insert(photo).inserted, "\(photo) was enrolled twice")
            }
            guard run % 4 == 3 else { continue }
            let check = try facegallery("check", "-g", "g", "--json")
            #expect(check.exitCode == 0, "\(check.out)")
            let references = try check.objects().first?["references"] as? Int ?? -1
            #expect(references >= told.count && references <= photos)
        }
        // Those of the last batch may be there without having been told; none may be told and missing.
        let rerun = try facegallery("enroll", "-g", "g", "--json", "people")
        #expect(rerun.exitCode == 0, "\(rerun.err)")
        let again = try rerun.objects().filter { $0["status"] as? String == "enrolled" }
        for line in again { #expect(!told.contains(line["photo"] as? String ?? "")) }
        #expect(try facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int == photos)
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }
}
