import Foundation
import Glibc
import TestSupport
import Testing

@Suite("snapshot, restore, compact, duplicates and audit", .serialized)
struct OperationsTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery
    private var generator = SeededGenerator(seed: 51)

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    private mutating func enrol(_ rows: [[Float]], _ names: [String]) throws {
        try folder.write(npy(rows), to: "x.npy")
        try folder.write(Array(names.map { $0 + "\n" }.joined().utf8), to: "x.txt")
        #expect(
            try facegallery("create", "-g", "g", "--dimension", "\(rows[0].count)").exitCode == 0)
        let result = try facegallery("enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt")
        #expect(result.exitCode == 0, "\(result.err)")
    }

    private mutating func enrol(_ count: Int) throws {
        try enrol((0..<count).map { _ in generator.unitVector(16) }, (0..<count).map { "s\($0)" })
    }

    /// Starts a command and ends it with `kill -9` after some time; whether it was still running.
    private func killed(_ arguments: [String], after seconds: Double) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(seconds * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }

    /// How long a command takes that nobody ends.
    private func seconds(_ arguments: [String]) throws -> Double {
        let start = ContinuousClock.now
        #expect(try facegallery.run(arguments).exitCode == 0)
        return (ContinuousClock.now - start) / .seconds(1)
    }

    @Test("a snapshot or a restore that is killed at any moment leaves nothing under its name, or all of it")
    mutating func killedCopies() throws {
        try enrol(21_000)
        let whole = try seconds(["snapshot", "-g", "g", "whole"])
        let wholeRestore = try seconds(["restore", "whole", "-g", "r"])
        try FileManager.default.removeItem(atPath: folder.file("r"))
        var seen = 0
        for round in 0..<24 {
            let isSnapshot = round.isMultiple(of: 2)
            let arguments = isSnapshot ? ["snapshot", "-g", "g", "s"] : ["restore", "whole", "-g", "r"]
            let target = folder.file(isSnapshot ? "s" : "r")
            let moment = Double.random(in: 0.1...0.9, using: &generator) * (isSnapshot ? whole : wholeRestore)
            if try killed(arguments, after: moment) { seen += 1 }
            if FileManager.default.fileExists(atPath: target) {
                if isSnapshot {
                    #expect(try facegallery("restore", "s", "-g", "t").exitCode == 0)
                    try FileManager.default.removeItem(atPath: folder.file("t"))
                } else {
                    #expect(try facegallery("check", "-g", "r").exitCode == 0)
                }
                try FileManager.default.removeItem(atPath: target)
            }
        }
        #expect(seen > 4)
        #expect(try facegallery("restore", "whole", "-g", "r").exitCode == 0)
        #expect(try facegallery("check", "-g", "r").exitCode == 0)
        // What the killed ones left beside the targets is gone with the next of the same name.
        #expect(try facegallery("snapshot", "-g", "g", "s").exitCode == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.filter { $0.hasPrefix(".") } == [])
        let before = try facegallery("identify", "-g", "g", "--embeddings", "x.npy", "--json", "-k", "2")
        let after = try facegallery("identify", "-g", "r", "--embeddings", "x.npy", "--json", "-k", "2")
        #expect(before.out == after.out)
    }

    @Test("a compaction that is killed at any moment leaves a sound gallery with all that is enrolled")
    mutating func killedCompaction() throws {
        try enrol(21_000)
        let names = (0..<200).map { "s\($0 * 3)" }
        #expect(try facegallery.run(["remove", "-g", "g"] + names).exitCode == 0)
        let whole = try seconds(["compact", "-g", "g"])
        var seen = 0
        for _ in 0..<16 {
            let moment = Double.random(in: 0.1...0.9, using: &generator) * whole
            if try killed(["compact", "-g", "g"], after: moment) { seen += 1 }
            let stats = try facegallery("stats", "-g", "g", "--json").objects().first ?? [:]
            #expect(stats["references"] as? Int == 20_800)
        }
        #expect(seen > 2)
        #expect(try facegallery("compact", "-g", "g", "--json").exitCode == 0)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.file("g"))
        #expect(left.filter { $0.hasPrefix(".") } == [])
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }

    /// Starts a process that has the gallery `g` open until its input ends; the refusal of a compaction shows that it has.
    private func openElsewhere() throws -> (user: Process, input: Pipe, refusal: Facegallery.Result) {
        let header = try facegallery("export", "-g", "g", "--jsonl", "-").lines[0]
        let user = Process()
        user.executableURL = URL(fileURLWithPath: Facegallery.path)
        // Opens the gallery and waits for the references that the first line promises.
        user.arguments = ["import", "-g", "g", "-"]
        user.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let input = Pipe()
        user.standardInput = input
        user.standardError = FileHandle.nullDevice
        try user.run()
        try input.fileHandleForWriting.write(contentsOf: Data((header + "\n").utf8))
        var result = try facegallery("compact", "-g", "g")
        for _ in 0..<200 where result.exitCode == 0 {
            usleep(20_000)
            result = try facegallery("compact", "-g", "g")
        }
        return (user, input, result)
    }

    @Test("compact --wait waits for who has the gallery open, or as long as it was told to")
    mutating func waiting() throws {
        try enrol(50)
        let (user, input, refusal) = try openElsewhere()
        #expect(refusal.exitCode == 75)
        let short = try facegallery("compact", "-g", "g", "--wait", "0.3")
        #expect(short.exitCode == 75)
        #expect(short.err.contains("waiting until no other process has g open"), "\(short.err)")
        let waiting = Process()
        waiting.executableURL = URL(fileURLWithPath: Facegallery.path)
        waiting.arguments = ["compact", "-g", "g", "--wait"]
        waiting.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        waiting.standardError = FileHandle.nullDevice
        try waiting.run()
        usleep(300_000)
        #expect(waiting.isRunning)
        // Who opens the gallery meanwhile is served.
        #expect(try facegallery("stats", "-g", "g").exitCode == 0)
        try input.fileHandleForWriting.close()
        user.waitUntilExit()
        waiting.waitUntilExit()
        #expect(waiting.terminationStatus == 0)
        #expect(try facegallery("compact", "-g", "g", "--wait", "-1").exitCode == 64)
    }

    @Test("a gallery that another process has open is not compacted: try again later")
    mutating func busy() throws {
        try enrol(50)
        let (user, input, result) = try openElsewhere()
        #expect(result.exitCode == 75)
        #expect(result.err.contains("another process has it open"))
        try input.fileHandleForWriting.close()
        user.waitUntilExit()
        #expect(try facegallery("compact", "-g", "g").exitCode == 0)
    }

    @Test("duplicates prints each pair once, best first; audit what looks wrong")
    mutating func pairs() throws {
        var rows = (0..<400).map { _ in generator.unitVector(128) }
        for (copy, share) in [(10, Float(0.2)), (20, 0.4)] {
            let noise = generator.unitVector(128)
            rows[copy] = zip(rows[copy + 1], noise).map { $0 + share * $1 }
        }
        var names = (0..<400).map { "s\($0)" }
        names[30] = "s31"
        try enrol(rows, names)
        let result = try facegallery("duplicates", "-g", "g", "--min-similarity", "0.8", "--json")
        #expect(result.exitCode == 0, "\(result.err)")
        let pairs = try result.objects().map { line in
            [line["first"], line["second"]].map { ($0 as? [String: Any])?["subject"] as? String ?? "" }
        }
        #expect(pairs == [["s10", "s11"], ["s20", "s21"]])
        #expect(result.err.contains("2 pairs of subjects at 0.8 or more among 400 references"))
        let table = try facegallery("duplicates", "-g", "g", "--min-similarity", "0.8", "--limit", "1")
        #expect(table.lines.count == 1)
        #expect(table.lines.first?.hasSuffix("s10\ts11\t11\t12") == true, "\(table.out)")
        #expect(table.err.contains("there are more"))
        #expect(try facegallery("duplicates", "-g", "g").exitCode == 64)
        let audit = try facegallery(
            "audit", "-g", "g", "--min-similarity", "0.8", "--max-likenesses", "1", "--json")
        #expect(audit.exitCode == 0, "\(audit.err)")
        #expect(audit.out.isEmpty && audit.err.contains("0 findings among 400 references"), "\(audit.err)")
    }

    @Test("audit prints each reference that is like several other people, and nobody else")
    mutating func hubs() throws {
        var rows = (0..<400).map { _ in generator.unitVector(128) }
        for other in 51...53 {
            let noise = generator.unitVector(128)
            rows[other] = zip(rows[50], noise).map { $0 + 0.2 * $1 }
        }
        try enrol(rows, (0..<400).map { "s\($0)" })
        let audit = try facegallery(
            "audit", "-g", "g", "--min-similarity", "0.8", "--max-likenesses", "2", "--json")
        #expect(audit.exitCode == 0, "\(audit.err)")
        let findings = try audit.objects()
        #expect(Set(findings.compactMap { $0["subject"] as? String }) == ["s50", "s51", "s52", "s53"])
        #expect(findings.allSatisfy { $0["value"] as? Double == 3 && $0["limit"] as? Double == 2 })
        #expect(audit.err.contains("4 findings among 400 references"))
        let table = try facegallery("audit", "-g", "g", "--min-similarity", "0.8", "--max-likenesses", "2")
        #expect(table.lines.count == 4 && table.lines.allSatisfy { $0.contains("s5") }, "\(table.out)")
    }

    @Test("every verb's help shows an example")
    func help() throws {
        for verb in ["export", "import", "snapshot", "restore", "compact", "duplicates", "audit"] {
            let result = try facegallery(verb, "--help")
            #expect(result.exitCode == 0 && result.out.contains("facegallery \(verb) "), "\(verb)")
        }
    }
}
