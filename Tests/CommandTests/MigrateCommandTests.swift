import FaceImage
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("The network of a gallery, changed by a command", .serialized)
struct MigrateCommandTests {
    private static let count = 240
    private let test: PatternGallery
    private let job = ["migrate", "-g", "g", "--network", "other/", "--json"]

    /// A gallery `g`, and `fresh` with the same photos and another network.
    init() throws {
        test = try PatternGallery()
        try test.writeNetwork("other", to: "other", side: 48, dimension: 64, threshold: 0.9876, seed: 2)
        try test.drawPeople(photos: Self.count)
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
    }

    /// Who enrolled photos are, by what threshold, and how alike: 1 where templates and network belong together.
    private func answers(_ gallery: String) throws -> [String] {
        let probes = stride(from: 0, to: Self.count, by: 40).map { "people/Person \($0 / 3)/\($0).ppm" }
        let result = try test.facegallery.run(["identify", "-g", gallery, "--exact", "--json"] + probes)
        #expect(result.exitCode == 0, "\(result.err)")
        return try result.objects().map { answer in
            let best = (answer["candidates"] as? [[String: Any]])?.first
            let similarity = ((best?["similarity"] as? Double ?? 0) * 1000).rounded()
            return "\(best?["subject"] ?? "") \(answer["threshold"] ?? "") \(similarity)"
        }
    }

    private func begin(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: test.folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func network() throws -> String? {
        try test.facegallery("stats", "-g", "g", "--json").objects().first?["network"] as? String
    }

    @Test(
        "killed at 24 random moments it leaves the old gallery or the new, and ends like one enrolled afresh"
    )
    func killed() throws {
        #expect(try test.facegallery("create", "-g", "fresh", "--network", "other/").exitCode == 0)
        #expect(try test.facegallery("enroll", "-g", "fresh", "people").exitCode == 0)
        let (old, new) = (try answers("g"), try answers("fresh"))
        #expect(old != new)
        #expect(try test.facegallery("snapshot", "-g", "g", "snap").exitCode == 0)
        let start = ContinuousClock.now
        #expect(try test.facegallery.run(job).exitCode == 0)
        let whole = (ContinuousClock.now - start) / .seconds(1)
        var generator = SeededGenerator(seed: 8)
        var found: [String: Int] = [:]
        for run in 0..<24 {
            if run.isMultiple(of: 3) {
                try FileManager.default.removeItem(atPath: test.folder.file("g"))
                #expect(try test.facegallery("restore", "snap", "-g", "g").exitCode == 0)
            }
            let process = try begin(job)
            usleep(UInt32(Double.random(in: 0...1.1, using: &generator) * whole * 1e6))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let name = try #require(try network())
            found[name, default: 0] += 1
            #expect(try answers("g") == (name == "other" ? new : old))
            let check = try test.facegallery("check", "-g", "g", "--json")
            #expect(check.exitCode == 0, "\(check.out)")
            guard run % 3 == 2 else { continue }
            let last = try test.facegallery.run(job)
            #expect(last.exitCode == 0, "\(last.err)")
            #expect(try answers("g") == new)
            let sound = try test.facegallery("check", "-g", "g", "--json").objects().first
            #expect(sound?["sound"] as? Bool == true && (sound?["notes"] as? [String])?.isEmpty == true)
            #expect(!FileManager.default.fileExists(atPath: test.folder.file("g/migration")))
        }
        #expect((found["mine"] ?? 0) >= 3, "\(found)")
    }

    @Test("beside processes that ask, each of them sees the old gallery or the new, never a mixture")
    func readers() throws {
        let process = try begin(job)
        var seen: Set<String> = []
        repeat {
            let photo = "people/Person 7/22.ppm"
            let answer = try test.facegallery("identify", "-g", "g", "--json", photo).objects().first
            let best = (answer?["candidates"] as? [[String: Any]])?.first
            #expect(best?["subject"] as? String == "Person 7")
            // The template that the gallery's network makes of an enrolled photo is the enrolled one.
            #expect(best?["similarity"] as? Double ?? 0 > 0.9999)
            seen.insert("\(answer?["threshold"] as? Double ?? 0)")
        } while process.isRunning
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        _ = try test.facegallery("identify", "-g", "g", "people/Person 7/22.ppm")
        #expect(try network() == "other")
        #expect(seen.isSubset(of: ["0.9999", "0.9876"]), "\(seen)")
    }

    @Test(
        "refuses with 65 and the names, and says how to go on; where others have the gallery open it ends with 75"
    )
    func exitCodes() throws {
        try FileManager.default.removeItem(atPath: test.folder.file("people/Person 7/22.ppm"))
        let refused = try test.facegallery.run(job)
        #expect(refused.exitCode == 65)
        #expect(refused.err.contains("1 of 240") && refused.err.contains("Person 7"), "\(refused.err)")
        #expect(refused.err.contains("--drop-missing"))
        let listed = try test.facegallery(
            "migrate", "-g", "g", "--network", "other/", "--dry-run", "--rejects", "gone.jsonl")
        #expect(listed.exitCode == 65 && listed.err.contains("22.ppm"), "\(listed.err)")
        let lines = try String(contentsOfFile: test.folder.file("gone.jsonl"), encoding: .utf8)
        #expect(lines.contains("no_photo") && lines.split(separator: "\n").count == 1)
        #expect(try network() == "mine")

        // An enrolment that waits for its list has the gallery open.
        let (user, list) = (Process(), Pipe())
        user.executableURL = URL(fileURLWithPath: Facegallery.path)
        user.arguments = ["enroll", "-g", "g", "--manifest", "-", "--shared-photos"]
        user.currentDirectoryURL = URL(fileURLWithPath: test.folder.path)
        user.standardInput = list
        user.standardOutput = FileHandle.nullDevice
        user.standardError = FileHandle.nullDevice
        try user.run()
        list.fileHandleForWriting.write(Data("path,subject\npeople/Person 1/3.ppm,Somebody\n".utf8))
        try test.facegallery.waitForReferences(Self.count + 1)
        let busy = try test.facegallery.run(job + ["--drop-missing", "--wait", "0"])
        #expect(busy.exitCode == 75, "\(busy.err)")
        #expect(busy.err.contains("open") && busy.err.contains("--abandon"), "\(busy.err)")
        #expect(try network() == "mine")
        try list.fileHandleForWriting.close()
        user.waitUntilExit()
        let done = try test.facegallery.run(job + ["--drop-missing"])
        #expect(done.exitCode == 0, "\(done.err)")
        let summary = try done.objects().last
        #expect(summary?["madeBefore"] as? Int == Self.count && summary?["dropped"] as? Int == 1)
        #expect(done.err.contains("0.9876"), "\(done.err)")
        #expect(try test.facegallery("check", "-g", "g").exitCode == 0)
        let again = try test.facegallery.run(job)
        #expect(again.exitCode == 0 && again.err.contains("already"), "\(again.err)")
        #expect(try test.facegallery("migrate", "-g", "g", "--abandon").exitCode == 0)
        #expect(try test.facegallery("migrate", "-g", "g", "--abandon", "--dry-run").exitCode == 64)
    }

    @Test("ends on Ctrl-C with 75 and says how to go on, the gallery as it was")
    func interrupted() throws {
        let (process, err) = (Process(), test.folder.file("err"))
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = job + ["--jobs", "1"]
        process.currentDirectoryURL = URL(fileURLWithPath: test.folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try Data().write(to: URL(fileURLWithPath: err))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: test.folder.file("g/migration")) {
            usleep(1_000)
        }
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        guard process.terminationStatus != 0 else { return }
        #expect(process.terminationStatus == 75)
        let said = try String(contentsOfFile: err, encoding: .utf8)
        #expect(said.contains("run the same command again"), "\(said)")
        #expect(try network() == "mine")
        #expect(try test.facegallery.run(job).exitCode == 0)
        #expect(try network() == "other")
    }
}

@Suite(
    "The network of a gallery of portraits, changed",
    .enabled(
        if: Facegallery.hasModels
            && FileManager.default.fileExists(atPath: SetUpCache.file("networks/dlib-resnet/card.json")),
        "the models are fetched by make setup"))
struct MigratePortraitsTests {
    @Test("from SFace to dlib's and back gives the answers of galleries that were enrolled afresh")
    func thereAndBack() throws {
        let folder = try TemporaryFolder()
        let facegallery = Facegallery(folder)
        _ = try SmallPortraits.write(8, into: folder.file("people"))
        for (gallery, network) in [("g", "sface"), ("sface", "sface"), ("dlib", "dlib-resnet")] {
            #expect(try facegallery("create", "-g", gallery, "--network", network).exitCode == 0)
            #expect(try facegallery("enroll", "-g", gallery, "people").exitCode == 0)
        }
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
            let result = try facegallery("migrate", "-g", "g", "--network", network)
            #expect(result.exitCode == 0, "\(result.err)")
            let (own, other) = (try similarities("g"), try similarities(afresh))
            #expect(own.count == 4 && other.count == 4)
            #expect(zip(own, other).allSatisfy { abs($0 - $1) < 1e-4 }, "\(own) \(other)")
            #expect(
                try facegallery("subjects", "-g", "g").out == facegallery("subjects", "-g", afresh).out)
            #expect(try facegallery("check", "-g", "g").exitCode == 0)
        }
    }

    @Test("a photo of two people, of whom the larger was enrolled, is told by the old network")
    func severalFaces() throws {
        let folder = try TemporaryFolder()
        let facegallery = Facegallery(folder)
        let one = SmallPortraits.reduced(try Photo(.path(Facegallery.portrait("obama.jpg"))))
        let other = SmallPortraits.reduced(try Photo(.path(Facegallery.portrait("biden.jpg"))))
        let (width, height) = (one.width + other.width, max(one.height, other.height))
        var pixels = [UInt8](repeating: 255, count: 3 * width * height)
        for (photo, left) in [(one, 0), (other, one.width)] {
            for y in 0..<photo.height {
                for at in 0..<3 * photo.width {
                    pixels[3 * (y * width + left) + at] = photo.pixels[3 * y * photo.width + at]
                }
            }
        }
        try folder.write(Array("P6\n\(width) \(height) 255\n".utf8) + pixels, to: "two.ppm")
        #expect(try facegallery("create", "-g", "g", "--network", "sface").exitCode == 0)
        let enrolled = try facegallery("enroll", "-g", "g", "--subject", "X", "--largest-face", "two.ppm")
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        let whose =
            try facegallery("identify", "-g", "g", "--json", Facegallery.portrait("obama2.jpg"))
            .objects().first?["decision"] as? String
        let migrated = try facegallery("migrate", "-g", "g", "--network", "dlib-resnet")
        #expect(migrated.exitCode == 0, "\(migrated.err)")
        // Whoever was the larger is the same by the other network.
        let again =
            try facegallery(
                "identify", "-g", "g", "--json", "--min-similarity", "0.93",
                Facegallery.portrait("obama2.jpg")
            ).objects().first?["decision"] as? String
        #expect(again == whose)
    }
}
