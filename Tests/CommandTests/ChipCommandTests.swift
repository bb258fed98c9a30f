import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Chips, kept by commands", .serialized)
struct ChipCommandTests {
    private static let count = 120
    private let test: PatternGallery
    private let job = ["migrate", "-g", "c", "--network", "other/", "--json"]

    /// A gallery `c` that keeps chips, with photos that are enrolled, and another network for it.
    init() throws {
        test = try PatternGallery()
        try test.writeNetwork("other", to: "other", side: 32, dimension: 64, threshold: 0.99, seed: 2)
        try test.drawPeople(photos: Self.count)
        let created = try test.facegallery("create", "-g", "c", "--network", "mynet/", "--keep-chips")
        #expect(created.exitCode == 0 && created.err.contains("picture of each face"), "\(created.err)")
        #expect(try test.facegallery("enroll", "-g", "c", "people").exitCode == 0)
    }

    private func stats(_ gallery: String = "c") throws -> [String: Any] {
        try test.facegallery("stats", "-g", gallery, "--json").objects().first ?? [:]
    }

    private func chips(_ gallery: String = "c") throws -> Int? {
        (try stats(gallery)["chips"] as? [String: Any])?["count"] as? Int
    }

    private func isSound(_ gallery: String = "c") throws -> Bool {
        try test.facegallery("check", "-g", gallery).exitCode == 0
    }

    @Test("there are none unless a gallery was made for them, and only for photos")
    func offByDefault() throws {
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
        #expect(try stats("g")["references"] as? Int == Self.count)
        #expect(try stats("g")["chips"] == nil)
        #expect(try !test.facegallery("stats", "-g", "g").out.contains("chips"))
        #expect(try chips() == Self.count)
        #expect(try test.facegallery("stats", "-g", "c").out.contains("chips       \(Self.count) pictures"))
        let refused = try test.facegallery("create", "-g", "d", "--dimension", "64", "--keep-chips")
        #expect(refused.exitCode == 64 && refused.err.contains("--keep-chips"), "\(refused.err)")
    }

    @Test("every reference of a photo has one, which goes with it; nobody else may read the files")
    func onePerReference() throws {
        #expect(try test.facegallery("enroll", "-g", "c", "people").exitCode == 0)
        #expect(try chips() == Self.count)
        // Another picture in an old place.
        try test.draw(700, as: "people/Person 1/3.ppm")
        let replaced = try test.facegallery("enroll", "-g", "c", "--json", "people")
        #expect(try test.summary(replaced)["replaced"] as? Int == 1)
        #expect(try chips() == Self.count)
        #expect(try test.facegallery("remove", "-g", "c", "Person 2").exitCode == 0)
        #expect(try test.facegallery("remove", "-g", "c", "--reference", "1").exitCode == 0)
        #expect(try chips() == Self.count - 4)
        #expect(try test.facegallery("merge", "-g", "c", "Person 3", "Person 4").exitCode == 0)
        #expect(try test.facegallery("compact", "-g", "c").exitCode == 0)
        #expect(try chips() == Self.count - 4)
        #expect(try isSound())
        #expect(try test.facegallery("compact", "-g", "c", "--drop-chips").exitCode == 0)
        #expect(try chips() == nil && isSound())
        #expect(try stats()["references"] as? Int == Self.count - 4)
        for name in ["data.mdb", "lock.mdb"] {
            var status = stat()
            #expect(unsafe stat(test.folder.file("c/\(name)"), &status) == 0)
            #expect(status.st_mode & 0o077 == 0, "\(name)")
        }
    }

    @Test("a dry run stores none, an export has none, and a gallery that is imported needs none")
    func exported() throws {
        try test.draw(800, as: "more/Nora/800.ppm")
        #expect(try test.facegallery("enroll", "-g", "c", "--dry-run", "more").exitCode == 0)
        #expect(try chips() == Self.count)
        #expect(try test.facegallery("export", "-g", "c", "--jsonl", "c.jsonl").exitCode == 0)
        let lines = try String(contentsOfFile: test.folder.file("c.jsonl"), encoding: .utf8)
        #expect(!lines.contains("chip") && lines.utf8.count < Self.count * 2_000)
        #expect(try test.facegallery("import", "-g", "i", "c.jsonl").exitCode == 0)
        #expect(try chips("i") == nil)
        #expect(try test.facegallery("create", "-g", "k", "--network", "mynet/", "--keep-chips").exitCode == 0)
        #expect(try test.facegallery("import", "-g", "k", "c.jsonl").exitCode == 0)
        #expect(try chips("k") == 0)
        #expect(try isSound("k"))
    }

    @Test(
        "with them the network changes though all photos are gone; without, the command says which are missing")
    func withoutPhotos() throws {
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
        try FileManager.default.removeItem(atPath: test.folder.file("people"))
        let refused = try test.facegallery("migrate", "-g", "g", "--network", "other/")
        #expect(
            refused.exitCode == 65 && refused.err.contains("\(Self.count) of \(Self.count)"), "\(refused.err)")
        let done = try test.facegallery.run(job)
        #expect(done.exitCode == 0, "\(done.err)")
        #expect(try done.objects().last?["madeFromChips"] as? Int == Self.count)
        #expect(done.err.contains("\(Self.count) of them from chips"), "\(done.err)")
        #expect(try stats()["network"] as? String == "other")
        #expect(try chips() == Self.count)
        #expect(try isSound())
    }

    @Test("killed at random moments, a change from chips leaves the old gallery or the new, with all its chips")
    func killed() throws {
        try FileManager.default.removeItem(atPath: test.folder.file("people"))
        #expect(try test.facegallery("snapshot", "-g", "c", "snap").exitCode == 0)
        let start = ContinuousClock.now
        #expect(try test.facegallery.run(job).exitCode == 0)
        let whole = (ContinuousClock.now - start) / .seconds(1)
        var random = SeededGenerator(seed: 5)
        for run in 0..<12 {
            if run.isMultiple(of: 2) {
                try FileManager.default.removeItem(atPath: test.folder.file("c"))
                #expect(try test.facegallery("restore", "snap", "-g", "c").exitCode == 0)
            }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Facegallery.path)
            process.arguments = job
            process.currentDirectoryURL = URL(fileURLWithPath: test.folder.path)
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            usleep(UInt32(Double.random(in: 0...1.1, using: &random) * whole * 1e6))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(["mine", "other"].contains(try stats()["network"] as? String))
            #expect(try chips() == Self.count)
            #expect(try isSound())
            guard run % 2 == 1 else { continue }
            #expect(try test.facegallery.run(job).exitCode == 0)
            #expect(try stats()["network"] as? String == "other")
            #expect(try chips() == Self.count && isSound())
        }
    }
}

@Suite(
    "The network of a gallery of portraits, changed without the photos",
    .enabled(
        if: Facegallery.hasModels
            && FileManager.default.fileExists(atPath: SetUpCache.file("networks/dlib-resnet/card.json")),
        "the models are fetched by make setup"))
struct KeptPortraitsTests {
    @Test("from SFace to dlib's and back tells the same people apart, as near as galleries enrolled afresh")
    func thereAndBack() throws {
        let folder = try TemporaryFolder()
        let facegallery = Facegallery(folder)
        _ = try SmallPortraits.write(8, into: folder.file("people"))
        for (gallery, network) in [("g", "sface"), ("sface", "sface"), ("dlib", "dlib-resnet")] {
            let keeps = gallery == "g" ? ["--keep-chips"] : []
            #expect(try facegallery.run(["create", "-g", gallery, "--network", network] + keeps).exitCode == 0)
            #expect(try facegallery("enroll", "-g", gallery, "people").exitCode == 0)
        }
        try FileManager.default.removeItem(atPath: folder.file("people"))
        func similarities(_ gallery: String) throws -> [Double] {
            let result = try facegallery(
                "identify", "-g", gallery, "--exact", "--json", Facegallery.portrait("obama2.jpg"),
                Facegallery.portrait("biden.jpg"))
            #expect(result.exitCode == 0, "\(result.err)")
            return try result.objects().flatMap { answer in
                (answer["candidates"] as? [[String: Any]] ?? []).compactMap { $0["similarity"] as? Double }
            }
        }
        for (network, afresh) in [("dlib-resnet", "dlib"), ("sface", "sface")] {
            let result = try facegallery("migrate", "-g", "g", "--network", network, "--json")
            #expect(result.exitCode == 0, "\(result.err)")
            #expect(try result.objects().last?["madeFromChips"] as? Int == 8)
            let (own, other) = (try similarities("g"), try similarities(afresh))
            #expect(own.count == 4 && other.count == 4)
            #expect(zip(own, other).allSatisfy { abs($0 - $1) < 0.03 }, "\(own) \(other)")
            #expect(try facegallery("subjects", "-g", "g").out == facegallery("subjects", "-g", afresh).out)
            #expect(try facegallery("check", "-g", "g").exitCode == 0)
        }
    }
}
