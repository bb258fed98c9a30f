import CTestHDF5
import Foundation
import Glibc
import IsolatedHDF5
import TestSupport
import Testing

/// A limit on processes, as a container's: the program can make no thread, or starts no process.
@Suite("A program that can make no thread")
struct FewThreadsTests {
    private let folder: TemporaryFolder
    private var facegallery: Facegallery
    private let rows: [[Float]]
    private let user = uid_t.random(in: 200_000...2_000_000_000)

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 61)
        rows = (0..<3_000).map { _ in generator.unitVector(16) }
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
        try folder.write(npy(rows), to: "x.npy")
        try folder.write(Array((0..<rows.count).map { "subject \($0)\n" }.joined().utf8), to: "x.txt")
    }

    /// Runs the program where it is the only process that its user may have.
    private func limited(_ arguments: String..., input: String? = nil) throws -> Facegallery.Result {
        let script = "ulimit -u 1; exec \"$0\" \"$@\""
        guard geteuid() == 0 else {
            return try facegallery.run(
                ["-c", script, Facegallery.path] + arguments, program: "/bin/bash", input: input)
        }
        // The limit does not bind root, so the command runs as a user without other processes.
        let program = folder.file("facegallery")
        for name in ["facegallery", HDF5Helper.name]
        where !FileManager.default.fileExists(atPath: folder.file(name)) {
            try FileManager.default.copyItem(atPath: TestedProgram(named: name).path, toPath: folder.file(name))
        }
        for path in [folder.path] + (FileManager.default.subpaths(atPath: folder.path) ?? []).map(folder.file) {
            _ = unsafe chown(path, user, user)
        }
        return try facegallery.run(
            ["--reuid", "\(user)", "--regid", "\(user)", "--clear-groups", "bash", "-c", script, program]
                + arguments,
            program: "/usr/bin/setpriv", input: input)
    }

    private func references() throws -> Int? {
        try facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int
    }

    @Test("enrols, searches and checks given templates")
    func templates() throws {
        let enrolled = try limited("enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt")
        #expect(enrolled.exitCode == 0 && enrolled.err.contains("3000 templates enrolled"), "\(enrolled)")
        #expect(try references() == 3_000)
        let found = try limited(
            "identify", "-g", "g", "--embeddings", "x.npy", "--json", "-k", "1", "--min-similarity", "0.9")
        #expect(found.exitCode == 0, "\(found.err)")
        #expect(try found.objects().allSatisfy { $0["decision"] as? String == "match" })
        for verb in ["check", "audit", "compact"] {
            let result = try limited(verb, "-g", "g")
            #expect(result.exitCode == 0, "\(verb): \(result.err)")
        }
    }

    @Test("enrols what comes slowly through a pipe as it comes")
    func pipe() throws {
        try folder.write(
            Array(rows[..<40].map { "{\"subject\": \"Ada\", \"embedding\": \($0)}\n" }.joined().utf8),
            to: "x.jsonl")
        let enrolled = try limited("enroll", "-g", "g", "--embeddings", "-", input: folder.file("x.jsonl"))
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        #expect(try references() == 40)
    }

    @Test("says of an HDF5 file that no process can be started for it, and to try again")
    func hdf5() throws {
        let path = folder.file("x.hdf5")
        #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
        #expect(unsafe test_hdf5_add_floats(path, "train", [3_000, 16], 2, Array(rows.joined()), 7) == 0)
        let result = try limited("enroll", "-g", "g", "--embeddings", "x.hdf5", "--subjects", "x.txt")
        #expect(result.exitCode == 75 && result.err.contains("ulimit -u"), "\(result.err)")
        #expect(try references() == 0)
    }

    @Test("says of a training that it needs threads, and to try again")
    func training() throws {
        try RenderedNumbers.write([3, 8, 13, 18, 23, 28], photos: 3, into: folder.file("people"))
        let result = try limited(
            "train", "people", "--no-detect", "--network", "siamese-small", "--side", "20", "--dimension", "16",
            "--people-per-batch", "2", "--photos-per-person", "2", "--epochs", "1", "--out", "net")
        #expect(result.exitCode == 75 && result.err.contains("ulimit -u"), "\(result.err)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("net/weights.safetensors")))
    }

    @Test("enrols and identifies photos", .enabled(if: Facegallery.hasModels))
    func photos() throws {
        for path in ["networks/sface", "detector"]
        where FileManager.default.fileExists(atPath: SetUpCache.file(path)) {
            try FileManager.default.createDirectory(
                atPath: folder.file("cache/networks"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: SetUpCache.file(path), toPath: folder.file("cache/\(path)"))
        }
        var limited = self
        limited.facegallery.environment["FACEGALLERY_CACHE"] = folder.file("cache")
        try FileManager.default.copyItem(
            atPath: Facegallery.portrait("biden.jpg"), toPath: folder.file("biden.jpg"))
        #expect(try limited.facegallery("create", "-g", "p").exitCode == 0)
        let enrolled = try limited.limited("enroll", "-g", "p", "--subject", "Joe", "biden.jpg")
        #expect(enrolled.exitCode == 0 && enrolled.err.contains("1 photo enrolled"), "\(enrolled)")
        let found = try limited.limited("identify", "-g", "p", "biden.jpg")
        #expect(found.exitCode == 0 && found.out.contains("Joe"), "\(found)")
    }
}
