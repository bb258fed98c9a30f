import Foundation
import Network
import TestSupport
import Testing

/// Networks that take photos whole: no face is looked for, and no model is needed.
@Suite("Networks given as directories, and whole photos")
struct WholePhotoTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        try writeNetwork("mynet", kind: NetworkCard.Alignment.wholePhoto)
        for (person, shade) in [("Ada", 3), ("Grace", 11)] {
            try FileManager.default.createDirectory(
                atPath: folder.file("people/\(person)"), withIntermediateDirectories: true)
            for index in 0..<2 {
                try folder.write(picture(shade, index), to: "people/\(person)/\(index).ppm")
            }
        }
    }

    private func writeNetwork(_ name: String, kind: String, seed: UInt64 = 1) throws {
        let graph = try Architecture.siameseSmall.graph(side: 32, dimension: 16)
        let card = NetworkCard(
            name: "mine", architecture: .siameseSmall, dimension: 16,
            input: NetworkCard.Input(side: 32, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
            alignment: NetworkCard.Alignment(kind: kind, padding: 0), license: "mine", source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.999, falseMatchRate: 0.01, measured: "a test"))
        try NetworkDirectory.write(card, NetworkParameters(graph, seed: seed), to: folder.file(name))
    }

    /// A pattern that `shade` decides, a little lighter with `index`; no face in it.
    private func picture(_ shade: Int, _ index: Int) -> [UInt8] {
        let (width, height) = (60, 45)
        let pixels = (0..<width * height * 3).map { UInt8(($0 / shade % 17 * 13 + index) & 255) }
        return Array("P6\n\(width) \(height) 255\n".utf8) + pixels
    }

    @Test("a gallery of such a network enrols and identifies photos without a face")
    func wholeRound() throws {
        let created = try facegallery("create", "-g", "g", "--network", "mynet/")
        #expect(created.exitCode == 0, "\(created.err)")
        #expect(try facegallery("enroll", "-g", "g", "people").exitCode == 0)
        // The gallery has a copy of its own.
        try FileManager.default.removeItem(atPath: folder.file("mynet"))
        let answers = try facegallery("identify", "-g", "g", "--json", "people/Ada/1.ppm", "people/Grace/0.ppm")
            .objects()
        let names = answers.compactMap { ($0["candidates"] as? [[String: Any]])?.first?["subject"] as? String }
        #expect(names == ["Ada", "Grace"])
        #expect((answers.first?["face"] as? [String: Any])?["box"] as? [Int] == [0, 0, 60, 45])
        #expect(answers.first?["threshold"] as? Double == 0.999)
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
        #expect(try facegallery("verify", "-g", "g", "--subject", "Ada", "people/Ada/0.ppm").exitCode == 0)
    }

    @Test("two whole photos are compared through the two inputs of one network")
    func verify() throws {
        let same = try facegallery(
            "verify", "--network", "./mynet", "--json", "people/Ada/0.ppm", "people/Ada/0.ppm")
        #expect(same.exitCode == 0, "\(same.err)")
        #expect(try same.objects().first?["decision"] as? String == "match")
    }

    @Test(
        "--no-detect takes photos whole for any network, and detecting finds nothing in them",
        .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
    func noDetect() throws {
        try writeNetwork("faces", kind: NetworkCard.Alignment.fivePoint)
        let words = ["embed", "people", "--network", "faces/", "--out", "x.npy", "--names", "x.txt"]
        #expect(try facegallery.run(words).exitCode == 65)
        let whole = try facegallery.run(words + ["--no-detect"])
        #expect(whole.exitCode == 0, "\(whole.err)")
        #expect(whole.err.contains("4 of 4 photos have a row"))
        #expect(try facegallery.run(words + ["--no-detect", "--one-face"]).exitCode == 64)
        let chips = words + ["--no-detect", "--chips", "chips"]
        #expect(try facegallery.run(chips).exitCode == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("chips")).sorted()
        #expect(names == (0..<4).map { "000000\($0).png" })
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
        }
        #expect(try mode("chips") == 0o700 && mode("chips/0000003.png") == 0o600)
        // A chip is a whole photo of the network's own size: it gives the template of the photo it was cut from.
        let again = [
            "embed", "chips", "--network", "faces/", "--out", "y.npy", "--names", "y.txt", "--no-detect",
        ]
        #expect(try facegallery.run(again).exitCode == 0)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: folder.file("x.npy")))
                == Data(contentsOf: URL(fileURLWithPath: folder.file("y.npy"))))
        let taken = try facegallery.run(chips)
        #expect(taken.exitCode == 64 && taken.err.contains("--chips needs a new folder"), "\(taken.err)")
    }

    @Test("a directory that is no network, or a damaged one, makes no gallery")
    func refusals() throws {
        let missing = try facegallery("create", "-g", "g", "--network", "none/")
        #expect(missing.exitCode == 66 && missing.err.contains("none/"), "\(missing.err)")
        let path = folder.file("mynet/weights.safetensors")
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count - 1] ^= 1
        try folder.write(bytes, to: "mynet/weights.safetensors")
        let damaged = try facegallery("create", "-g", "g", "--network", "mynet/")
        #expect(damaged.exitCode == 65 && damaged.err.contains("SHA-256"), "\(damaged.err)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("g")))
    }
}
