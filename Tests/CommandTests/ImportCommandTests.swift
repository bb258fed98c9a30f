import Foundation
import Glibc
import TestSupport
import Testing

@Suite("export and import", .serialized)
struct ImportCommandTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery
    private var generator = SeededGenerator(seed: 77)

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    private mutating func enrol(_ count: Int, perSubject: Int, into gallery: String = "g") throws {
        try folder.write(npy((0..<count).map { _ in generator.unitVector(16) }), to: "x.npy")
        try folder.write(
            Array((0..<count).map { "subject \($0 / perSubject)\n" }.joined().utf8), to: "x.txt")
        #expect(try facegallery("create", "-g", gallery, "--dimension", "16").exitCode == 0)
        #expect(
            try facegallery("enroll", "-g", gallery, "--embeddings", "x.npy", "--subjects", "x.txt")
                .exitCode == 0)
    }

    private func answers(_ gallery: String) throws -> String {
        let result = try facegallery(
            "identify", "-g", gallery, "--embeddings", "x.npy", "--json", "--exact", "-k", "10",
            "--min-similarity", "0.9")
        #expect(result.exitCode == 0, "\(result.err)")
        return result.out
    }

    /// The lines of an export behind its header, which no other export has.
    private func lines(_ gallery: String) throws -> [Substring] {
        let result = try facegallery("export", "-g", gallery, "--jsonl", "-")
        #expect(result.exitCode == 0, "\(result.err)")
        return Array(result.lines.dropFirst())
    }

    @Test("JSON Lines and HDF5 make a gallery that gives the same answers, with all of each reference")
    mutating func roundTrip() throws {
        try enrol(600, perSubject: 3)
        for (flag, file) in [("--jsonl", "y.jsonl"), ("--hdf5", "y.h5")] {
            let out = try facegallery("export", "-g", "g", flag, file)
            #expect(out.exitCode == 0, "\(out.err)")
            let copy = "copy-\(file)"
            let result = try facegallery("import", "-g", copy, file, "--json")
            #expect(result.exitCode == 0, "\(result.err)")
            #expect(try result.objects().first?["enrolled"] as? Int == 600)
            #expect(try answers(copy) == answers("g"))
            #expect(try lines(copy) == lines("g"))
            #expect(try facegallery("check", "-g", copy).exitCode == 0)
            let again = try facegallery("import", "-g", copy, file, "--json")
            #expect(try again.objects().first?["enrolled"] as? Int == 0)
            #expect(try again.objects().first?["present"] as? Int == 600)
        }
        // Another export of the same gallery brings nothing new either.
        let other = try facegallery("export", "-g", "g", "--hdf5", "z.h5")
        #expect(other.exitCode == 0)
        let third = try facegallery("import", "-g", "copy-y.jsonl", "z.h5", "--json")
        #expect(try third.objects().first?["enrolled"] as? Int == 0)
        #expect(try lines("copy-y.jsonl") == lines("g"))
    }

    @Test("removals leave gaps in numbers, which are given anew in the same order; answers are the same")
    mutating func gaps() throws {
        try enrol(300, perSubject: 2)
        #expect(try facegallery("remove", "-g", "g", "subject 5", "subject 100").exitCode == 0)
        #expect(try facegallery("merge", "-g", "g", "subject 7", "subject 8").exitCode == 0)
        #expect(try facegallery("export", "-g", "g", "--jsonl", "y.jsonl").exitCode == 0)
        #expect(
            try facegallery("import", "-g", "copy", "-", input: folder.file("y.jsonl")).exitCode == 0)
        func unnumbered(_ text: String) -> String {
            text.replacingOccurrences(of: "\"reference\":[0-9]+", with: "", options: .regularExpression)
        }
        #expect(try unnumbered(answers("copy")) == unnumbered(answers("g")))
        #expect(
            try facegallery("subjects", "-g", "copy").out == facegallery("subjects", "-g", "g").out)
    }

    @Test("templates of another network are refused with the names of both, and nothing is enrolled")
    mutating func otherNetwork() throws {
        try enrol(10, perSubject: 1)
        #expect(try facegallery("export", "-g", "g", "--jsonl", "y.jsonl").exitCode == 0)
        let text = try String(contentsOfFile: folder.file("y.jsonl"), encoding: .utf8)
            .replacingOccurrences(of: "given-templates", with: "mynet-v2")
        try folder.write(Array(text.utf8), to: "other.jsonl")
        let result = try facegallery("import", "-g", "g", "other.jsonl")
        #expect(result.exitCode == 65)
        #expect(result.err.contains("mynet-v2") && result.err.contains("another program"))
        #expect(try facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int == 10)
        #expect(try facegallery("import", "-g", "g", "none.jsonl").exitCode == 66)
        #expect(try facegallery("import", "-g", "g").exitCode == 64)
    }

    @Test("of a file that is damaged, what comes before is enrolled, and the whole file completes it")
    mutating func damaged() throws {
        try enrol(100, perSubject: 4)
        #expect(try facegallery("export", "-g", "g", "--jsonl", "y.jsonl").exitCode == 0)
        let text = try String(contentsOfFile: folder.file("y.jsonl"), encoding: .utf8)
        try folder.write(Array(text.utf8.prefix(text.utf8.count / 2)), to: "half.jsonl")
        let half = try facegallery("import", "-g", "copy", "half.jsonl")
        #expect(half.exitCode == 65)
        #expect(half.err.contains("is cut off"))
        let count = try facegallery("stats", "-g", "copy", "--json").objects().first?["references"] as? Int
        #expect(count.map { (30...70).contains($0) } == true)
        #expect(try facegallery("import", "-g", "copy", "y.jsonl").exitCode == 0)
        #expect(try lines("copy") == lines("g"))
    }

    @Test("an import that is killed at any moment doubles and loses nothing when it is run again")
    mutating func killed() throws {
        try enrol(24_000, perSubject: 3)
        let wanted = try lines("g")
        for (flag, file) in [("--jsonl", "y.jsonl"), ("--hdf5", "y.h5")] {
            #expect(try facegallery("export", "-g", "g", flag, file).exitCode == 0)
            let copy = "copy-\(file)"
            for _ in 0..<6 {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: Facegallery.path)
                process.arguments = ["import", "-g", copy, file]
                process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
                process.standardError = FileHandle.nullDevice
                try process.run()
                usleep(UInt32.random(in: 20_000...500_000, using: &generator))
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            let last = try facegallery("import", "-g", copy, file)
            #expect(last.exitCode == 0, "\(last.err)")
            #expect(try lines(copy) == wanted)
            #expect(try facegallery("check", "-g", copy).exitCode == 0)
        }
    }

    @Test("what is exported cannot be read by others, and takes no other file's place")
    mutating func privateFiles() throws {
        try enrol(5, perSubject: 1)
        for (flag, file) in [("--jsonl", "a"), ("--hdf5", "b"), ("--faiss", "c")] {
            #expect(try facegallery("export", "-g", "g", flag, file).exitCode == 0)
            let mode = try FileManager.default.attributesOfItem(atPath: folder.file(file))[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(flag)")
            #expect(unsafe symlink("a", folder.file("link\(file)")) == 0)
            #expect(try facegallery("export", "-g", "g", flag, "link\(file)").exitCode != 0, "\(flag)")
        }
        #expect(try facegallery("export", "-g", "g").exitCode == 64)
        #expect(try facegallery("export", "-g", "g", "--jsonl", "a", "--hdf5", "a").exitCode == 64)
    }
}
