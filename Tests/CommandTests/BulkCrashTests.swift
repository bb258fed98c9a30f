import Foundation
import Glibc
import TestSupport
import Testing

/// A bulk job of given templates that something ends: nothing is lost or doubled, and the same command goes on.
@Suite("A bulk job that is cut off", .serialized)
struct BulkCrashTests {
    private static let count = 3_000
    let folder: TemporaryFolder
    var facegallery: Facegallery
    private let job = [
        "enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt", "--commit-every", "250", "--json",
    ]
    /// What a gallery that was never cut off answers.
    private let expected: String

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 31)
        let rows = (0..<Self.count).map { _ in generator.unitVector(16) }
        try folder.write(npy(rows), to: "x.npy")
        try folder.write(npy(stride(from: 0, to: Self.count, by: 49).map { rows[$0] }), to: "probes.npy")
        try folder.write(Array((0..<Self.count).map { "subject \($0 / 3)\n" }.joined().utf8), to: "x.txt")
        #expect(try facegallery("create", "-g", "empty", "--dimension", "16").exitCode == 0)
        try FileManager.default.copyItem(atPath: folder.file("empty"), toPath: folder.file("g"))
        #expect(try facegallery.run(job).exitCode == 0)
        expected = try facegallery("identify", "-g", "g", "--embeddings", "probes.npy", "--exact", "--json").out
        #expect(expected.split(separator: "\n").count == 62)
    }

    private func startAnew() throws {
        try FileManager.default.removeItem(atPath: folder.file("g"))
        try FileManager.default.copyItem(atPath: folder.file("empty"), toPath: folder.file("g"))
    }

    /// How many references there are, of a gallery that is sound.
    private func references() throws -> Int {
        let check = try facegallery("check", "-g", "g", "--json")
        #expect(check.exitCode == 0, "\(check.out)\(check.err)")
        return try check.objects().first?["references"] as? Int ?? -1
    }

    /// The same command again adds what is missing, and the answers are those of a job that was not cut off.
    private func expectCompletion(from before: Int) throws {
        let rerun = try facegallery.run(job)
        #expect(rerun.exitCode == 0, "\(rerun.err)")
        let summary = try rerun.objects().last ?? [:]
        #expect(summary["present"] as? Int == before)
        #expect(summary["enrolled"] as? Int == Self.count - before)
        #expect(try references() == Self.count)
        let answers = try facegallery(
            "identify", "-g", "g", "--embeddings", "probes.npy", "--exact", "--json")
        #expect(answers.out == expected)
    }

    @Test("by kill -9 at fifty random moments")
    func killed() throws {
        try startAnew()
        let start = ContinuousClock.now
        #expect(try facegallery.run(job).exitCode == 0)
        let whole = (ContinuousClock.now - start) / .seconds(1)
        var generator = SeededGenerator(seed: 32)
        var before = 0
        for run in 0..<50 {
            if run.isMultiple(of: 5) {
                try startAnew()
                before = 0
            }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Facegallery.path)
            process.arguments = job
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            usleep(UInt32(Double.random(in: 0...1.1, using: &generator) * whole * 1e6))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let after = try references()
            #expect(after >= before && after <= Self.count)
            before = after
            if run.isMultiple(of: 10) { try expectCompletion(from: before) }
        }
    }

    @Test(
        "by a full or broken disk, at every eleventh write of it", arguments: [ENOSPC, EIO])
    func faults(error: Int32) throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/faults.c").path
        let library = folder.file("faults.so")
        let built = try TestedProgram(path: "/usr/bin/env").run(
            ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], in: folder)
        try #require(built.exitCode == 0, "\(built.err)")
        var faulty = facegallery
        faulty.environment["LD_PRELOAD"] = library
        faulty.environment["FAULT_ERRNO"] = "\(error)"
        var ended = false
        var failures = 0
        for at in stride(from: 1, through: 400, by: 11) where !ended {
            try startAnew()
            faulty.environment["FAULT_AT"] = "\(at)"
            let result = try faulty.run(job)
            if result.exitCode == 0 {
                // More writes than a whole job needs.
                ended = true
                continue
            }
            failures += 1
            #expect([73, 74].contains(result.exitCode), "write \(at): \(result.exitCode) \(result.err)")
            #expect(result.err.contains("error: "), "write \(at): \(result.err)")
            try expectCompletion(from: references())
        }
        #expect(failures >= 2, "only \(failures) runs were cut off")
    }
}
