import Foundation
import TestSupport
import Testing

/// Training as a user runs it, on two-digit numbers that the test draws; no face and no model is needed.
@Suite("The verb train")
struct TrainCommandTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        try RenderedNumbers.write(Array(stride(from: 3, to: 99, by: 5)), photos: 6, into: folder.file("people"))
    }

    private func arguments(_ out: String, _ more: [String] = [], epochs: String = "3") -> [String] {
        [
            "train", "people", "--no-detect", "--network", "siamese-small", "--side", "20", "--dimension", "16",
            "--people-per-batch", "5", "--photos-per-person", "3", "--epochs", epochs, "--warm-up", "3",
            "--threads", "1", "--chips", "chips", "--out", out,
        ] + more
    }

    private func data(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
    }

    @Test("what it trains is a network that a gallery enrols and finds photos with")
    func wholeWay() throws {
        let trained = try facegallery.run(arguments("net"))
        #expect(trained.exitCode == 0, "\(trained.err)")
        #expect(trained.out.contains("accuracy") && trained.out.contains("--network net/"), "\(trained.out)")
        #expect(trained.err.contains("epoch 3:") && trained.err.contains("photos a second"), "\(trained.err)")
        for file in ["card.json", "weights.safetensors", "log.jsonl", "checkpoint.safetensors"] {
            #expect(FileManager.default.fileExists(atPath: folder.file("net/" + file)), "\(file)")
        }
        #expect(try facegallery("create", "-g", "g", "--network", "net/").exitCode == 0)
        let enrolled = try facegallery("enroll", "-g", "g", "people")
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        // A photo that is enrolled finds itself.
        let found = try facegallery("identify", "-g", "g", "--json", "people/43/2.ppm")
        let candidates = try found.objects().first?["candidates"] as? [[String: Any]]
        #expect(candidates?.first?["subject"] as? String == "43", "\(found.out) \(found.err)")

        let again = try facegallery("train", "people", "--out", "net", "--resume")
        #expect(again.exitCode == 0 && again.out.contains("finished"), "\(again.err)")
        let same = try facegallery("train", "people", "--out", "net", "--resume", "--margin", "0.2")
        #expect(same.exitCode == 0, "\(same.err)")
        let other = try facegallery("train", "people", "--out", "net", "--resume", "--margin", "0.5")
        #expect(other.exitCode == 64)
        #expect(other.err.contains("--margin is 0.5"), "\(other.err)")
        let taken = try facegallery.run(arguments("net"))
        #expect(taken.exitCode == 64 && taken.err.contains("--resume"), "\(taken.err)")
    }

    @Test("Ctrl-C leaves a checkpoint, and the resumed run gives the weights of one left alone")
    func interrupted() throws {
        #expect(try facegallery.run(arguments("whole", ["--quiet"])).exitCode == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = arguments("broken")
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try folder.write([], to: "err.txt")
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("err.txt")))
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: folder.file("broken/log.jsonl")) {
            usleep(2000)
        }
        process.interrupt()
        process.waitUntilExit()
        let said = try String(contentsOfFile: folder.file("err.txt"), encoding: .utf8)
        #expect(process.terminationReason == .exit && process.terminationStatus == 75, "\(said)")
        #expect(said.contains("facegallery train people --out broken --resume"), "\(said)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("broken/card.json")))
        let resumed = try facegallery(
            "train", "people", "--out", "broken", "--resume", "--json", "--chips", "chips")
        #expect(resumed.exitCode == 0, "\(resumed.err)")
        #expect(try data("broken/weights.safetensors") == data("whole/weights.safetensors"))
        #expect(try resumed.objects().compactMap { $0["epoch"] as? Int } == [0, 1, 2, 3])
        #expect(try resumed.objects().last?["event"] as? String == "end")
    }

    @Test("a full disk ends it with code 73 and leaves the last checkpoint as it was")
    func fullDisk() throws {
        let short = try facegallery.run(arguments("net", ["--max-minutes", "0.001"]))
        #expect(short.exitCode == 0 && short.out.contains("time limit is reached"), "\(short.err)")
        let before = try data("net/checkpoint.safetensors")
        // A limit on file size, here of 100 KB, stands for the end of the disk.
        let script = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""
        let full = try facegallery.run(
            [
                "-c", script, Facegallery.path, "train", "people", "--out", "net", "--resume", "--chips",
                "chips",
            ], program: "/bin/bash")
        #expect(full.exitCode == 73, "\(full.err)")
        #expect(full.err.contains("cannot write net/checkpoint.safetensors"), "\(full.err)")
        #expect(try data("net/checkpoint.safetensors") == before)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("net"))
        #expect(!names.contains { $0.hasSuffix(".new") })
    }

    @Test(
        "words that cannot be are usage errors, and a folder that is not there is no input",
        arguments: [
            (["--network", "vgg"], 64), (["--loss", "hinge"], 64), (["--mining", "soft"], 64),
            (["--optimizer", "lion"], 64), (["--margin", "-1"], 64), (["--epochs", "0"], 64),
            (["--side", "4"], 64), (["--dimension", "18"], 64), (["--dimension", "8"], 64),
            (["--validation-people", "nobody.txt"], 66), (["--resume"], 66),
            (["--keep", "first"], 64), (["--patience", "0"], 64),
            (["--mining", "all", "--loss", "arcface"], 64),
            (["--scale", "30"], 64), (["--scale", "30", "--loss", "contrastive"], 64),
            (["--validation-share", "0"], 65), (["--people-per-batch", "999"], 65),
            (["--init", "/nowhere/net"], 66),
        ] as [([String], Int32)])
    func refusals(_ words: [String], _ code: Int32) throws {
        let result = try facegallery.run(["train", "people", "--no-detect", "--out", "net"] + words)
        #expect(result.exitCode == code, "\(result.err)")
        #expect(result.err.hasPrefix("error: ") || result.err.contains("\nerror: "), "\(result.err)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("net/checkpoint.safetensors")))
    }

    @Test(
        "SIGHUP and SIGUSR1, even twice, leave a checkpoint, and the hint has all that must be said again",
        arguments: [SIGHUP, SIGUSR1])
    func jobSignals(_ signal: Int32) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = arguments("net", ["--max-seconds", "19", "--jobs", "1"], epochs: "400")
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try folder.write([], to: "err.txt")
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("err.txt")))
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: folder.file("net/log.jsonl")) {
            usleep(2000)
        }
        kill(process.processIdentifier, signal)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        let said = try String(contentsOfFile: folder.file("err.txt"), encoding: .utf8)
        #expect(process.terminationReason == .exit && process.terminationStatus == 75, "\(said)")
        #expect(
            said.contains(
                "facegallery train people --out net --resume --chips chips --max-seconds 19 --jobs 1"),
            "\(said)")
    }

    @Test("eight people are enough for the defaults, and more epochs go on after the end")
    func eightPeople() throws {
        try RenderedNumbers.write(Array(10...17), photos: 5, into: folder.file("few"))
        let words = ["train", "few", "--out", "net"]
        let trained = try facegallery.run(
            words + [
                "--no-detect", "--network", "siamese-small", "--side", "20", "--dimension", "16", "--epochs",
                "1",
                "--threads", "1",
            ])
        #expect(trained.exitCode == 0, "\(trained.err)")
        #expect(trained.err.contains("a batch is 6 people × 4 photos"), "\(trained.err)")
        let more = try facegallery.run(words + ["--resume", "--epochs", "2"])
        #expect(
            more.exitCode == 0 && more.err.contains("epoch 2:") && more.out.contains("kept: epoch"),
            "\(more.err)")
        let fewer = try facegallery.run(words + ["--resume", "--epochs", "1"])
        #expect(fewer.exitCode == 64 && fewer.err.contains("--epochs is 1"), "\(fewer.err)")
        // What it begins with is named where it cannot be, or is meant otherwise.
        let begin = ["train", "few", "--no-detect", "--out", "other"]
        let other = try facegallery.run(begin + ["--init", "net/", "--network", "resnet-29"])
        #expect(other.exitCode == 64, "\(other.err)")
        #expect(other.err.contains("siamese-small") && other.err.contains("resnet-29"), "\(other.err)")
        let bare = try facegallery.run(begin + ["--init", "net"])
        #expect(bare.exitCode == 64 && bare.err.contains("'--init net/'"), "\(bare.err)")
    }

    @Test("photos that are left out are counted by the reason, and files that are no photos named")
    func leftOut() throws {
        for name in ["a.ppm", "b.ppm"] { try folder.write(Array("P6 nonsense".utf8), to: "people/03/" + name) }
        let trained = try facegallery.run(arguments("net", epochs: "1"))
        #expect(trained.exitCode == 0, "\(trained.err)")
        #expect(trained.err.contains("2 photos left out (2: "), "\(trained.err)")
        for name in ["Ada", "Bob"] {
            try FileManager.default.createDirectory(
                atPath: folder.file("texts/" + name), withIntermediateDirectories: true)
        }
        try folder.write([1], to: "texts/Ada/a.xyz")
        try folder.write([1], to: "texts/Bob/b.xyz")
        let none = try facegallery("train", "texts", "--out", "none")
        #expect(none.exitCode == 65, "\(none.err)")
        #expect(none.err.contains("2 files are not photos: 2 .xyz"), "\(none.err)")
    }

    @Test("a folder that is not there, one person and single photos are named")
    func poorFolders() throws {
        let missing = try facegallery("train", "nowhere", "--out", "net")
        #expect(missing.exitCode == 66 && missing.err.contains("nowhere"), "\(missing.err)")
        try RenderedNumbers.write([5], photos: 4, into: folder.file("one"))
        #expect(try facegallery("train", "one", "--out", "net").exitCode == 65)
        try RenderedNumbers.write([5, 6, 7], photos: 1, into: folder.file("single"))
        let single = try facegallery("train", "single", "--out", "net")
        #expect(single.exitCode == 65 && single.err.contains("two photos"), "\(single.err)")
    }
}
