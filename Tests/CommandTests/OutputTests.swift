import Foundation
import GalleryModel
import Glibc
import TemplateStore
import Testing
import TestSupport

@Suite("Outputs")
struct OutputTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery
    private var generator = SeededGenerator(seed: 61)

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        try folder.write(npy((0..<3).map { _ in generator.unitVector(16) }), to: "x.npy")
        try folder.write(Array("Ada\nGrace\nMary\n".utf8), to: "x.txt")
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
        #expect(try enroll().exitCode == 0)
        #expect(try facegallery("snapshot", "-g", "g", "snap").exitCode == 0)
    }

    private func enroll(_ further: String...) throws -> Facegallery.Result {
        try facegallery.run(["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt"] + further)
    }

    private func contents() throws -> [String: Data] {
        var all: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where name != "g/lock.mdb"
        {
            // Folders count by their names.
            all[name] = (try? Data(contentsOf: URL(fileURLWithPath: folder.file(name)))) ?? Data()
        }
        return all
    }

    /// A command must end with 64, name the output, and have changed nothing.
    private func expectRefused(_ arguments: [String], naming name: String) throws {
        let before = try contents()
        let result = try facegallery.run(arguments)
        #expect(result.exitCode == 64, "\(arguments): \(result.err)")
        #expect(result.err.contains(name), "\(arguments): \(result.err)")
        #expect(try contents() == before, "\(arguments)")
    }

    @Test("of export are never in a gallery or snapshot, whatever leads there")
    func exports() throws {
        #expect(unsafe symlink(folder.file("g"), folder.file("link")) == 0)
        for place in [
            "g/data.mdb", "g/lock.mdb", "g/new", "g/index/new", "link/new", "snap/new", "snap/store/data.mdb",
        ] {
            try expectRefused(["export", "-g", "g", "--jsonl", place], naming: "--jsonl")
            try expectRefused(["export", "-g", "g", "--hdf5", place], naming: "--hdf5")
            try expectRefused(["export", "-g", "g", "--faiss", place], naming: "--faiss")
            try expectRefused(
                ["export", "-g", "g", "--embeddings", "y.npy", "--subjects", place], naming: "--subjects")
            try expectRefused(
                ["export", "-g", "g", "--embeddings", place, "--subjects", "y.txt"], naming: "--embeddings")
        }
        try expectRefused(["export", "-g", "g", "--jsonl", "y", "--hdf5", "./y"], naming: "--hdf5")
    }

    @Test("of enroll are no inputs, no parts of the gallery and no links")
    func rejects() throws {
        #expect(unsafe link(folder.file("x.npy"), folder.file("hard")) == 0)
        #expect(unsafe symlink(folder.file("x.txt"), folder.file("soft")) == 0)
        let victim = try folder.write(Array("a diary".utf8), to: "victim")
        #expect(unsafe symlink(victim, folder.file("to-victim")) == 0)
        for place in ["g/data.mdb", "g/rejects", "x.npy", "x.txt", "hard", "soft"] {
            try expectRefused(
                ["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt", "--rejects", place],
                naming: "--rejects")
        }
        #expect(try enroll("--rejects", "to-victim").exitCode == 73)
        #expect(try Data(contentsOf: URL(fileURLWithPath: victim)) == Data("a diary".utf8))
        // A prepared file that everybody may read is replaced, not written into.
        try folder.write([1], to: "open")
        unsafe chmod(folder.file("open"), 0o666)
        #expect(unsafe link(folder.file("open"), folder.file("other-name")) == 0)
        #expect(try enroll("--rejects", "open").exitCode == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("open"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("other-name"))) == Data([1]))
    }

    @Test("never replace a photo")
    func photos() throws {
        let photo = try folder.write([0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 0, count: 100), to: "a.jpg")
        for arguments in [
            ["embed", "a.jpg", "--out", "a.jpg", "--names", "n.txt"],
            ["embed", "a.jpg", "--out", "o.npy", "--names", "./a.jpg"],
            ["embed", ".", "--out", photo, "--names", "n.txt"],
            ["export", "-g", "g", "--jsonl", "a.jpg"],
        ] { try expectRefused(arguments, naming: "a.jpg") }
    }

    @Test("that are folders are in none of ours")
    func folders() throws {
        try expectRefused(["snapshot", "-g", "g", "g/backup"], naming: "g/backup")
        try expectRefused(["snapshot", "-g", "g", "snap/backup"], naming: "snap/backup")
        try expectRefused(["restore", "snap", "-g", "snap/store/g"], naming: "snap/store/g")
        try expectRefused(["restore", "snap", "-g", "g/index/h"], naming: "g/index/h")
        try expectRefused(["create", "-g", "g/h", "--dimension", "16"], naming: "g/h")
        try expectRefused(["create", "-g", "snap/h", "--dimension", "16"], naming: "snap/h")
        try expectRefused(["train", "people", "--out", "g/net"], naming: "g/net")
        try expectRefused(["train", "people", "--out", "g"], naming: "--out")
        try expectRefused(["train", "people", "--out", "net", "--chips", "g/chips"], naming: "g/chips")
    }

    @Test("of a job whose gallery is removed meanwhile are no lies: it ends and says so")
    func galleryRemoved() throws {
        let row = { (number: Int, generator: inout SeededGenerator) in
            Data("{\"subject\":\"n\(number)\",\"embedding\":\(generator.unitVector(16))}\n".utf8)
        }
        var generator = SeededGenerator(seed: 62)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["enroll", "-g", "g", "--embeddings", "-", "--commit-every", "1", "--json"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: row(0, &generator))
        try facegallery.waitForReferences(4)
        try FileManager.default.removeItem(atPath: folder.file("g"))
        for number in 1..<9 { try input.fileHandleForWriting.write(contentsOf: row(number, &generator)) }
        try input.fileHandleForWriting.close()
        let told = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 74, "\(said)")
        #expect(said.contains("no longer there") && !said.contains("are safe"), "\(said)")
        #expect(!told.contains("summary"), "\(told)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("g")))
    }

    @Test("wait for no lock without end: the holder is named, and the exit code says to try again")
    func lockedGallery() throws {
        let descriptor = unsafe open(folder.file("g"), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX) == 0)
        var patient = facegallery
        patient.environment = ["FACEGALLERY_LOCK_SECONDS": "2"]
        for arguments in [["stats", "-g", "g"], ["compact", "-g", "g"], ["remove", "-g", "g", "Ada"]] {
            let result = try patient.run(arguments)
            #expect(result.exitCode == 75, "\(result.err)")
            #expect(result.err.contains("waiting for process \(getpid())"), "\(result.err)")
            #expect(result.err.contains("more than 2 seconds"), "\(result.err)")
        }
        flock(descriptor, LOCK_UN)
        #expect(try patient("stats", "-g", "g").exitCode == 0)
    }

    @Test("that wait for another writer say so, and go on when it ends")
    func lockedWriter() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["remove", "-g", "g", "Ada"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let errors = Pipe()
        process.standardError = errors
        try TemplateStore(at: folder.file("g")).withWriter { _ in
            try process.run()
            let told = errors.fileHandleForReading.availableData
            #expect(String(decoding: told, as: UTF8.self).contains("waiting for another process"))
            #expect(process.isRunning)
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test(
        "go into a gallery of another user only where that user is named",
        .enabled(if: geteuid() == 0, "needs root to give folders away"))
    func foreignGallery() throws {
        #expect(unsafe chown(folder.file("g"), 4711, 4711) == 0)
        for arguments in [
            ["remove", "-g", "g", "Ada"], ["compact", "-g", "g"], ["check", "-g", "g", "--repair"],
        ] {
            let result = try facegallery.run(arguments)
            #expect(
                result.exitCode == 73 && result.err.contains("FACEGALLERY_TRUST_OWNER=4711"), "\(result.err)")
        }
        #expect(try facegallery("stats", "-g", "g").exitCode == 0)
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
        var trusting = facegallery
        trusting.environment = ["FACEGALLERY_TRUST_OWNER": "4711"]
        #expect(try trusting("remove", "-g", "g", "Ada").exitCode == 0)
        #expect(try trusting("compact", "-g", "g").exitCode == 0)
        #expect(try trusting("subjects", "-g", "g").lines.count == 2)
    }

    @Test("pipes in the places of inputs are refused at once", .timeLimit(.minutes(1)))
    func pipes() throws {
        for name in ["p.npy", "p.jsonl", "p.h5", "p.fvecs", "p.txt"] {
            #expect(unsafe mkfifo(folder.file(name), 0o600) == 0)
        }
        for arguments in [
            ["enroll", "-g", "g", "--embeddings", "p.npy", "--subjects", "x.txt"],
            ["enroll", "-g", "g", "--embeddings", "p.h5", "--subjects", "x.txt"],
            ["enroll", "-g", "g", "--embeddings", "p.fvecs", "--subjects", "x.txt"],
            ["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "p.txt"],
            ["identify", "-g", "g", "--embeddings", "p.npy"],
            ["import", "-g", "g", "p.jsonl"], ["import", "-g", "g", "p.h5"],
        ] {
            let result = try facegallery.run(arguments)
            #expect(result.exitCode == 65 && result.err.contains("a named pipe"), "\(arguments): \(result.err)")
        }
        try FileManager.default.createDirectory(atPath: folder.file("net"), withIntermediateDirectories: false)
        #expect(unsafe mkfifo(folder.file("net/card.json"), 0o600) == 0)
        let result = try facegallery("network", "show", "net/")
        #expect(result.exitCode == 66 && result.err.contains("a named pipe"), "\(result.err)")
        for index in ["g/index", "g/network"] {
            try? FileManager.default.createDirectory(
                atPath: folder.file(index), withIntermediateDirectories: false)
        }
        try? FileManager.default.removeItem(atPath: folder.file("g/index/manifest.json"))
        #expect(unsafe mkfifo(folder.file("g/index/manifest.json"), 0o600) == 0)
        let check = try facegallery("check", "-g", "g")
        #expect(check.exitCode != 0 && (check.out + check.err).contains("manifest.json"), "\(check)")
    }
}
