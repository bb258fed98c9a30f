import Foundation
import Glibc
import TestSupport
import Testing

/// A bulk job of photos that is killed: what was told is there, nothing is doubled, and the same command goes on.
@Suite("A bulk job of photos", .serialized)
struct PhotoCrashTests {
    private static let count = 600
    private let gallery: PatternGallery
    private let job = ["enroll", "-g", "g", "--manifest", "people.csv", "--json"]
    /// As long as the job takes at least, so that it commits in between however fast the machine is.
    private static let seconds = 2.2
    /// Gives the list a few rows at a time.
    private static let feeder =
        "i=0; while IFS= read -r row; do printf '%s\\n' \"$row\"; "
        + "((++i % 20)) || sleep \(seconds / Double(count / 20)); done < people.csv"

    init() throws {
        gallery = try PatternGallery()
        var list = "path,subject,note\n"
        for pattern in 0..<Self.count {
            try gallery.draw(pattern, as: "photos/\(pattern).ppm")
            list += "photos/\(pattern).ppm,Person \(pattern / 3),note \(pattern)\n"
        }
        try gallery.folder.write(Array(list.utf8), to: "people.csv")
    }

    private func startAnew() throws {
        try FileManager.default.removeItem(atPath: gallery.folder.file("g"))
        #expect(try gallery.facegallery("create", "-g", "g", "--network", "mynet/").exitCode == 0)
    }

    /// How many references there are, of a gallery that is sound.
    private func references() throws -> Int {
        let check = try gallery.facegallery("check", "-g", "g", "--json")
        #expect(check.exitCode == 0, "\(check.out)\(check.err)")
        return try check.objects().first?["references"] as? Int ?? -1
    }

    private func answers() throws -> String {
        let probes = stride(from: 0, to: Self.count, by: 60).map { "photos/\($0).ppm" }
        let result = try gallery.facegallery.run(
            ["identify", "-g", "g", "--exact", "--with-metadata", "--json"] + probes)
        #expect(result.exitCode == 0, "\(result.err)")
        return result.out
    }

    /// Runs the job, ends it with `kill -9` after some seconds, and returns the photos it told as enrolled.
    private func killed(after seconds: Double) throws -> [String] {
        let (process, feeder, list) = (Process(), Process(), Pipe())
        feeder.executableURL = URL(fileURLWithPath: "/bin/bash")
        feeder.arguments = ["-c", Self.feeder]
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = job.map { $0 == "people.csv" ? "-" : $0 }
        for program in [feeder, process] {
            program.currentDirectoryURL = URL(fileURLWithPath: gallery.folder.path)
            program.standardError = FileHandle.nullDevice
        }
        let out = URL(fileURLWithPath: gallery.folder.file("told.jsonl"))
        try Data().write(to: out)
        feeder.standardInput = FileHandle.nullDevice
        feeder.standardOutput = list
        process.standardInput = list
        process.standardOutput = try FileHandle(forWritingTo: out)
        try process.run()
        try feeder.run()
        usleep(UInt32(seconds * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        kill(feeder.processIdentifier, SIGKILL)
        feeder.waitUntilExit()
        return try Data(contentsOf: out).split(separator: 0x0A).compactMap { line in
            // The last line may be cut off; then it was not told.
            let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any]
            return object?["status"] as? String == "enrolled" ? object?["photo"] as? String : nil
        }
    }

    @Test(
        "by kill -9 at fifty random moments loses nothing that was told, and ends like one that was left alone")
    func killed() throws {
        #expect(try gallery.facegallery.run(job).exitCode == 0)
        let expected = try answers()
        var generator = SeededGenerator(seed: 33)
        var told: Set<String> = []
        var cutOff = 0
        for run in 0..<50 {
            if run.isMultiple(of: 5) {
                try startAnew()
                told = []
            }
            for photo in try killed(after: Double.random(in: 0...Self.seconds, using: &generator)) {
                #expect(told.insert(photo).inserted, "\(photo) was enrolled twice")
            }
            let found = try references()
            #expect(found >= told.count && found <= Self.count)
            if 1..<Self.count ~= found { cutOff += 1 }
            guard run % 10 == 9 else { continue }
            let rerun = try gallery.summary(gallery.facegallery.run(job))
            #expect(rerun["present"] as? Int == found && rerun["enrolled"] as? Int == Self.count - found)
            #expect(try references() == Self.count)
            #expect(try answers() == expected)
        }
        #expect(cutOff >= 5, "only \(cutOff) runs were ended between two transactions")
    }
}
