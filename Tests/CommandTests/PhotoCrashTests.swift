import Foundation
import Glibc
import TestSupport
import Testing

/// A bulk job of photos that is killed: what was told is there, nothing is doubled, and the same command goes on.
@Suite("A bulk job of photos", .serialized)
struct PhotoCrashTests {
    private static let count = 1_500
    private let gallery: PatternGallery
    private let job = ["enroll", "-g", "g", "--manifest", "people.csv", "--jobs", "1", "--json"]

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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = job
        process.currentDirectoryURL = URL(fileURLWithPath: gallery.folder.path)
        let out = URL(fileURLWithPath: gallery.folder.file("told.jsonl"))
        try Data().write(to: out)
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(seconds * 1e6))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return try Data(contentsOf: out).split(separator: 0x0A).compactMap { line in
            // The last line may be cut off; then it was not told.
            let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any]
            return object?["status"] as? String == "enrolled" ? object?["photo"] as? String : nil
        }
    }

    @Test(
        "by kill -9 at fifty random moments loses nothing that was told, and ends like one that was left alone")
    func killed() throws {
        let start = ContinuousClock.now
        #expect(try gallery.facegallery.run(job).exitCode == 0)
        let whole = (ContinuousClock.now - start) / .seconds(1)
        let expected = try answers()
        var generator = SeededGenerator(seed: 33)
        var told: Set<String> = []
        var cutOff = 0
        for run in 0..<50 {
            if run.isMultiple(of: 5) {
                try startAnew()
                told = []
            }
            for photo in try killed(after: Double.random(in: 0...1, using: &generator) * whole) {
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
        #expect(cutOff >= 10, "only \(cutOff) runs were ended between two transactions")
    }
}
