import Foundation
import Glibc
import TestSupport
import Testing

@Suite("An enrolment that is interrupted", .serialized)
struct InterruptionTests {
    private let gallery: PatternGallery

    init() throws {
        gallery = try PatternGallery()
        for pattern in 0..<60 { try gallery.draw(pattern, as: "photos/\(pattern).ppm") }
    }

    private func rows(_ range: Range<Int>) -> String {
        range.map { "photos/\($0).ppm,Person \($0 % 7)\n" }.joined()
    }

    @Test("rows that come slowly are told one by one, also half a row at a time")
    func slowRows() throws {
        let job = try SlowManifest(gallery)
        try job.write("path,subject\n")
        for row in 0..<3 {
            let text = rows(row..<row + 1)
            // The next row is begun, which must not keep this one.
            try job.write((row == 0 ? text : String(text.dropFirst(4))) + rows(row + 1..<row + 2).prefix(4))
            try job.waitForLines(row + 1)
        }
        #expect(try job.end().lines == 3)
    }

    @Test(
        "by a signal commits what is done, says how to go on and ends with 75; the rerun completes it",
        arguments: [SIGTERM, SIGINT])
    func signal(number: Int32) throws {
        let job = try SlowManifest(gallery, "--jobs", "1")
        // Two parcels of 16 and eight rows, which are worked on though the third parcel is never full.
        try job.write("path,subject\n" + rows(0..<40))
        try job.waitForLines(40)
        // These have come, and may not be read or worked on yet: a pipe does not give them a second time.
        try job.write(rows(40..<45))
        usleep(50_000)
        job.signal(number)
        let (exitCode, lines, said) = try job.end(closing: false)
        #expect(exitCode == 75, "\(said)")
        #expect(said.contains("run the same command again"), "\(said)")
        #expect(lines == 45)
        let stats = try gallery.facegallery("stats", "-g", "g", "--json").objects().first
        #expect(stats?["references"] as? Int == lines)
        // Counting takes nothing in: this is what the interrupted job has saved for the next search.
        #expect((stats?["index"] as? [String: Any])?["added"] as? Int == lines)

        try gallery.folder.write(Array(("path,subject\n" + rows(0..<60)).utf8), to: "people.csv")
        let rerun = try gallery.summary(
            gallery.facegallery("enroll", "-g", "g", "--manifest", "people.csv", "--json"))
        #expect(rerun["present"] as? Int == lines)
        #expect(rerun["enrolled"] as? Int == 60 - lines)
        #expect(try gallery.facegallery("check", "-g", "g").exitCode == 0)
    }

    @Test(
        "while a photo is being decoded ends without it, and without a refusal", arguments: [SIGTERM, SIGINT])
    func signalWhileDecoding(number: Int32) throws {
        // Some seconds of work for libjpeg in a few kilobytes.
        try gallery.folder.write(
            JPEGParts.progressive(width: 14_000, height: 14_000, scans: 90), to: "slow.jpg")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["enroll", "-g", "g", "--manifest", "people.csv", "--jobs", "1", "--json"]
        process.currentDirectoryURL = URL(fileURLWithPath: gallery.folder.path)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        // A whole parcel, then the slow one.
        let people = Data("path,subject\n".utf8) + Data(rows(0..<16).utf8) + Data("slow.jpg,Slow\n".utf8)
        try gallery.folder.write(Array(people), to: "people.csv")
        try process.run()
        try gallery.facegallery.waitForReferences(16)
        kill(process.processIdentifier, number)
        let told = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 75)
        #expect(!told.contains("slow.jpg"), "\(told)")
        let summary = try #require(told.split(separator: "\n").last { $0.contains("summary") })
        #expect(summary.contains("\"interrupted\":true") && summary.contains("\"refused\":0"), "\(summary)")
    }

    @Test("by folders that vanish ends with what to do, instead of refusing every photo")
    func vanishedFolder() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["enroll", "-g", "g", "--manifest", "photos/people.csv", "--jobs", "1"]
        process.currentDirectoryURL = URL(fileURLWithPath: gallery.folder.path)
        // A manifest that is a pipe: its folder goes while the job waits for rows.
        let pipe = gallery.folder.file("photos/people.csv")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let errors = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let descriptor = unsafe open(pipe, O_WRONLY)
        let writer = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try writer.write(
            contentsOf: Data("path,subject\n".utf8) + Data((0..<16).map { "\($0).ppm,A\n" }.joined().utf8))
        try gallery.facegallery.waitForReferences(16)
        try FileManager.default.moveItem(
            atPath: gallery.folder.file("photos"), toPath: gallery.folder.file("away"))
        try writer.write(contentsOf: Data((16..<60).map { "\($0).ppm,A\n" }.joined().utf8))
        try writer.close()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 74, "\(said)")
        #expect(said.contains("photos/: the folder is no longer there; mount it again"), "\(said)")
        #expect(try gallery.references(of: "A").count == 16)
    }

    @Test("by a full disk says so and keeps what was told; with room again the rerun completes it")
    func fullDisk() throws {
        // Long notes, so that sixty photos need more room than there is, and ten do not.
        let note = String(repeating: "n", count: 4_000)
        let list = { (count: Int) in
            "path,subject,note\n" + (0..<count).map { "photos/\($0).ppm,A,\(note)\n" }.joined()
        }
        try gallery.folder.write(Array(list(10).utf8), to: "few.csv")
        try gallery.folder.write(Array(list(60).utf8), to: "all.csv")
        let script = "trap '' XFSZ; ulimit -f 150; exec \"$0\" \"$@\""
        for (manifest, exitCode) in [("few.csv", Int32(0)), ("all.csv", 73)] {
            let limited = try gallery.facegallery.run(
                ["-c", script, Facegallery.path, "enroll", "-g", "g", "--manifest", manifest],
                program: "/bin/bash")
            #expect(limited.exitCode == exitCode, "\(limited.err)")
            #expect(exitCode == 0 || limited.err.contains("free space"), "\(limited.err)")
        }
        #expect(try gallery.facegallery("check", "-g", "g").exitCode == 0)
        let rerun = try gallery.summary(
            gallery.facegallery("enroll", "-g", "g", "--manifest", "all.csv", "--json"))
        #expect(rerun["present"] as? Int == 10)
        #expect(rerun["enrolled"] as? Int == 50)
        #expect(try gallery.facegallery("check", "-g", "g").exitCode == 0)
    }
}
