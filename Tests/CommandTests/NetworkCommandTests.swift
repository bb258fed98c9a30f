import Foundation
import Glibc
import Network
import TestSupport
import Testing

@Suite("The network command")
struct NetworkCommandTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        var facegallery = Facegallery(folder)
        facegallery.environment["FACEGALLERY_CACHE"] = folder.file("cache")
        self.facegallery = facegallery
        for name in ["one", "two"] {
            try FileManager.default.createDirectory(
                atPath: folder.file("cache/networks"), withIntermediateDirectories: true)
            let graph = try siameseSmall(side: 32, dimension: 16)
            let card = NetworkCard(
                name: name, architecture: .siameseSmall, dimension: 16,
                input: NetworkCard.Input(side: 32, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
                alignment: NetworkCard.Alignment(), license: "mine", source: "a test",
                threshold: NetworkCard.Threshold(similarity: 0.75, falseMatchRate: 0.01, measured: "a test"),
                training: NetworkCard.Training(
                    dataFingerprint: "abc", people: 3, photos: 12, seed: 7, epochs: 5, loss: "triplet",
                    rankOne: 0.9, falseNegativeRate: 0.25,
                    initial: NetworkCard.Training.Initial(weights: "def", accuracy: 0.8, rankOne: 0.7)))
            try NetworkDirectory.write(
                card, NetworkParameters(graph, seed: 1), to: folder.file("cache/networks/\(name)"))
        }
    }

    private func run(_ words: String...) throws -> Facegallery.Result {
        try facegallery.run(words)
    }

    @Test("list shows what is in the cache, a network a line, and passes over a broken one by name")
    func list() throws {
        let lines = try run("network", "list").lines
        #expect(lines.count == 2 + Architecture.allCases.count)
        #expect(lines[0].hasPrefix("one  siamese-small  16 numbers  threshold 0.75"))
        try folder.write(Array("{}".utf8), to: "cache/networks/two/card.json")
        let json = try run("network", "list", "--json")
        #expect(json.exitCode == 0)
        #expect(try json.objects().compactMap { $0["name"] as? String } == ["one"])
        let architectures = try json.objects().dropFirst().compactMap { $0["architecture"] as? String }
        #expect(architectures == Architecture.allCases.map(\.rawValue))
        #expect(json.err.contains("networks/two/card.json"))
    }

    @Test("show prints the card, the training, and the layers with their totals")
    func show() throws {
        for name in ["one", folder.file("cache/networks/one")] {
            let shown = try run("network", "show", name)
            #expect(shown.exitCode == 0, "\(shown.err)")
            #expect(shown.out.contains("12 photos of 3 people"))
            #expect(shown.out.contains("90.0 %, FNIR 25.0 % at an FPIR of 1 %"))
            #expect(shown.out.contains("SHA-256 def: accuracy 80.0 %, rank-1 70.0 %"))
            #expect(shown.lines.last?.contains(" 56,272 ") == true)
        }
        let object = try #require(try run("network", "show", "one", "--json").objects().first)
        #expect(object["parameters"] as? Int == 56_272)
        #expect((object["layers"] as? [[String: Any]])?.last?["output"] as? [Int] == [16, 1, 1])
        #expect((object["card"] as? [String: Any])?["architecture"] as? String == "siamese-small")
    }

    @Test("the fingerprint that galleries record is in the JSON of show and list, as show prints it")
    func fingerprint() throws {
        let shown = try run("network", "show", "one").lines.first { $0.hasPrefix("fingerprint") }
        let fingerprint = try #require(shown?.split(separator: " ").last.map(String.init))
        #expect(fingerprint.utf8.count == 64)
        #expect(
            try run("network", "show", "one", "--json").objects().first?["fingerprint"] as? String
                == fingerprint)
        let listed = try run("network", "list", "--json").objects().filter { $0["name"] as? String == "one" }
        #expect(listed.map { $0["fingerprint"] as? String } == [fingerprint])
    }

    @Test("an architecture is shown without weights: layers, shapes, parameters and multiplications")
    func showArchitecture() throws {
        let shown = try run("network", "show", "siamese-small")
        #expect(shown.exitCode == 0, "\(shown.err)")
        #expect(shown.out.contains("train --network siamese-small"))
        let words = shown.lines.map { $0.split(separator: " ").map(String.init) }
        #expect(words.contains(["block1.convolution", "32×126×126", "896", "13,716,864"]), "\(shown.out)")
        #expect(words.last?.first == "total" && words.last?.suffix(2).first == "7,392,320")
        let object = try #require(try run("network", "show", "mobilefacenet", "--json").objects().first)
        #expect(object["parameters"] as? Int == 1_022_720 && object["side"] as? Int == 112)
        #expect(
            (object["layers"] as? [[String: Any]])?.contains { $0["multiplications"] as? Int ?? 0 > 0 } == true)
        // A network of that name in the cache comes first.
        try FileManager.default.moveItem(
            atPath: folder.file("cache/networks/two"), toPath: folder.file("cache/networks/siamese-small"))
        #expect(try run("network", "show", "siamese-small").out.contains("threshold"))
    }

    @Test("remove takes a network out of the cache, and galleries that were made with it go on")
    func removal() throws {
        #expect(try run("create", "-g", "g", "--network", "one").exitCode == 0)
        let removed = try run("network", "remove", "one", "--json")
        #expect(removed.exitCode == 0 && removed.err.contains("own copy"), "\(removed.err)")
        #expect(try removed.objects().first?["removed"] as? String == "one")
        #expect(!FileManager.default.fileExists(atPath: folder.file("cache/networks/one")))
        #expect(try run("check", "-g", "g").exitCode == 0)
        #expect(FileManager.default.fileExists(atPath: folder.file("g/network/card.json")))
        #expect(try run("network", "remove", "one").exitCode == 66)
    }

    @Test(
        "remove keeps what set-up fetched unless told, folders with other files, links, and what is not in the cache"
    )
    func removalRefused() throws {
        let networks = folder.file("cache/networks")
        let manager = FileManager.default
        try manager.copyItem(atPath: networks + "/one", toPath: networks + "/sface")
        try manager.createSymbolicLink(atPath: networks + "/link", withDestinationPath: networks + "/one")
        try folder.write([1], to: "cache/networks/two/checkpoint.safetensors")
        try folder.write([1], to: "cache/networks/two/log.jsonl")
        for (exitCode, text, name) in [
            (64, "--force", "sface"), (65, "log.jsonl", "two"), (65, "link", "link"),
            (64, "delete this folder yourself", networks + "/one"), (66, "none", "none"),
            (64, "cannot be the name", ".."),
        ] as [(Int32, String, String)] {
            let refused = try run("network", "remove", name)
            #expect(refused.exitCode == exitCode && refused.err.contains(text), "\(name): \(refused.err)")
        }
        for name in ["one", "two", "sface"] {
            #expect(manager.fileExists(atPath: networks + "/\(name)/weights.safetensors"))
        }
        #expect(try run("network", "remove", "sface", "--force").exitCode == 0)
        #expect(!manager.fileExists(atPath: networks + "/sface"))
        #expect(try run("network", "show", "one", "--force").exitCode == 64)
        // A damaged card stands in nobody's way.
        try folder.write(Array("{}".utf8), to: "cache/networks/one/card.json")
        #expect(try run("network", "remove", "one").exitCode == 0)
    }

    @Test("export writes an ONNX file")
    func export() throws {
        let exported = try run("network", "export", "one", "--onnx", "one.onnx", "--json")
        #expect(exported.exitCode == 0, "\(exported.err)")
        #expect(try exported.objects().first?["data"] as? [Int] == [0, 3, 32, 32])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("one.onnx")))
        // Field 1, the file version: 7.
        #expect(bytes.prefix(2).elementsEqual([8, 7]))
        #expect(bytes.count > 4 * 56_272)
    }

    @Test("a network that was exported can be imported, without a card, and gives the same templates")
    func importing() throws {
        #expect(try run("network", "export", "one", "--onnx", "one.onnx").exitCode == 0)
        let imported = try run("network", "import", "one.onnx", "--name", "again", "--json")
        #expect(imported.exitCode == 0, "\(imported.err)")
        let card = try #require(try imported.objects().first?["card"] as? [String: Any])
        #expect(card["format"] as? Int == 2 && card["output"] as? String == "embedding")
        let shown = try run("network", "show", "again")
        #expect(shown.exitCode == 0 && shown.out.contains("dlib-5-point"), "\(shown.err)")
        let chips = [[UInt8]](repeating: (0..<32 * 32 * 3).map { UInt8($0 % 251) }, count: 2)
        let names = ["one", "again"]
        let templates = try names.map {
            try EmbeddingNetwork(directory: folder.file("cache/networks/\($0)")).templates(of: chips)
        }
        #expect(zip(templates[0], templates[1]).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(try run("network", "export", "again", "--onnx", "same.onnx").exitCode == 0)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: folder.file("same.onnx")))
                == Data(contentsOf: URL(fileURLWithPath: folder.file("one.onnx"))))
    }

    @Test(
        "import takes a family, or single facts, and says the license; what the file says of itself is not asked"
    )
    func importFacts() throws {
        #expect(try run("network", "export", "one", "--onnx", "one.onnx").exitCode == 0)
        // The alignment comes from the file that was exported.
        let again = try run("network", "import", "one.onnx", "--name", "again", "--json")
        #expect(again.err.contains("license of the weights: mine"), "\(again.err)")
        let card = try #require(try again.objects().first?["card"] as? [String: Any])
        #expect((card["alignment"] as? [String: Any])?["kind"] as? String == "dlib-5-point")
        let changed = try run(
            "network", "import", "one.onnx", "--name", "changed", "--colors", "bgr", "--alignment", "face-box",
            "--padding", "0.1", "--mean", "1,2,3", "--scale", "0.5", "--json")
        #expect(changed.exitCode == 0, "\(changed.err)")
        let facts = try NetworkCard.load(directory: folder.file("cache/networks/changed"))
        #expect(facts.input == NetworkCard.Input(side: 32, mean: [1, 2, 3], scale: 0.5, colors: .bgr))
        #expect(facts.alignment == NetworkCard.Alignment(kind: NetworkCard.Alignment.box, padding: 0.1))
        for (exitCode, text, words) in [
            (65, "arcface 112×112", ["--family", "arcface"]),
            (64, "expected one of arcface", ["--family", "none"]),
            (64, "must be used together", ["--mean", "1"]),
            (64, "or three separated by commas", ["--mean", "1,2", "--scale", "1"]),
            (64, "expected one of dlib-5-point", ["--alignment", "none"]),
            (64, "needs --alignment", ["--padding", "1"]),
            (64, "not both", ["--card", "x.json", "--side", "32"]),
        ] as [(Int32, String, [String])] {
            let refused = try facegallery.run(["network", "import", "one.onnx", "--name", "no"] + words)
            #expect(refused.exitCode == exitCode && refused.err.contains(text), "\(words): \(refused.err)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("cache/networks/no")))
    }

    @Test("what cannot be done is said, with its exit code")
    func refusals() throws {
        let cases: [(Int32, String, [String])] = [
            (66, "networks/none/card.json", ["network", "show", "none"]),
            (66, "none/card.json", ["network", "export", "./none", "--onnx", "x.onnx"]),
            (73, "none/x.onnx", ["network", "export", "one", "--onnx", "none/x.onnx"]),
            (64, "--onnx", ["network", "export", "one"]),
            (64, "takes the name of one", ["network", "show"]),
            (64, "takes no name", ["network", "list", "one"]),
            (64, "unknown action 'frobnicate'", ["network", "frobnicate"]),
            (64, "for export", ["network", "show", "one", "--onnx", "x.onnx"]),
            (64, "--float16", ["network", "show", "one", "--float16"]),
            (64, "for import", ["network", "show", "one", "--card", "card.json"]),
            (64, "one ONNX file", ["network", "import"]),
            (66, "none.onnx", ["network", "import", "none.onnx"]),
            (65, "no ONNX model", ["network", "import", "cache/networks/one/card.json"]),
            (66, "none.json", ["network", "import", "cache/networks/one/card.json", "--card", "none.json"]),
            (
                65, "not the card of an imported network",
                [
                    "network", "import", "cache/networks/one/weights.safetensors", "--card",
                    "cache/networks/one/card.json", "--out", "x",
                ]
            ),
        ]
        for (exitCode, text, words) in cases {
            let result = try facegallery.run(words)
            #expect(result.exitCode == exitCode, "\(words): \(result.err)")
            #expect(result.err.contains(text), "\(words): \(result.err)")
            #expect(result.out.isEmpty)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("x.onnx")))
    }

    @Test("a gallery whose network cannot be copied does not appear, and the next creation works")
    func createHalfWay() throws {
        let network = folder.file("cache/networks/one")
        try FileManager.default.createDirectory(
            atPath: folder.file("there"), withIntermediateDirectories: false)
        for gallery in ["new", "there"] {
            // The weights take over 200 kB, a gallery without any reference far less.
            let script =
                "trap '' XFSZ; ulimit -f 100; exec '\(Facegallery.path)' create -g \(gallery) --network '\(network)'"
            let failed = try facegallery.run(["-c", script], program: "/bin/bash")
            #expect(failed.exitCode == 73, "\(failed.err)")
            let left = try? FileManager.default.contentsOfDirectory(atPath: folder.file(gallery))
            #expect(left == (gallery == "new" ? nil : []), "\(left ?? [])")
            let created = try run("create", "-g", gallery, "--network", network)
            #expect(created.exitCode == 0, "\(created.err)")
            #expect(try run("check", "-g", gallery).exitCode == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.file(gallery)).sorted()
            #expect(names.filter { $0 != "lock.mdb" } == ["data.mdb", "last-writer", "network"])
            let again = try run("create", "-g", gallery, "--network", network)
            #expect(again.exitCode == 73 && again.err.contains("already there"), "\(again.err)")
            #expect(try run("check", "-g", gallery).exitCode == 0)
        }
    }

    @Test("a creation that is killed leaves a whole gallery, or none that stands in the way of the next")
    func killedCreation() throws {
        let network = folder.file("cache/networks/one")
        let card = try Data(contentsOf: URL(fileURLWithPath: network + "/card.json"))
        for round in 0..<12 {
            let gallery = "killed-\(round)"
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Facegallery.path)
            process.arguments = ["create", "-g", gallery, "--network", network]
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // From when the gallery's folder is there, since before that nothing is left.
            for _ in 0..<20_000 where !FileManager.default.fileExists(atPath: folder.file(gallery)) {
                usleep(50)
            }
            usleep(UInt32(round) * 250)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try expectWhole(gallery, network, card)
        }
    }

    @Test("a creation that was killed just before its gallery appeared is taken over by the next")
    func killedBeforeStore() throws {
        let network = folder.file("cache/networks/one")
        let card = try Data(contentsOf: URL(fileURLWithPath: network + "/card.json"))
        let left = ".network.0123456789abcdef.facegallery-part"
        try FileManager.default.createDirectory(
            atPath: folder.file("g/\(left)"), withIntermediateDirectories: true)
        try folder.write(Array(left.utf8), to: "g/\(left)/.scratch")
        // Of another network than the next creation's.
        try FileManager.default.copyItem(
            atPath: folder.file("cache/networks/two"), toPath: folder.file("g/network"))
        #expect(try run("check", "-g", "g").exitCode != 0)
        try expectWhole("g", network, card)
        // Nothing says that this one was made by a creation.
        try FileManager.default.createDirectory(atPath: folder.file("h"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: network, toPath: folder.file("h/network"))
        #expect(try run("create", "-g", "h", "--network", network).exitCode == 73)
        #expect(FileManager.default.fileExists(atPath: folder.file("h/network/card.json")))
    }

    @Test("check says of a damaged network what mends it, and not that --repair would")
    func remedyOfDamagedNetwork() throws {
        #expect(try run("create", "-g", "g", "--network", folder.file("cache/networks/one")).exitCode == 0)
        try folder.write([1, 2, 3], to: "g/network/weights.safetensors")
        for words in [["check", "-g", "g"], ["check", "-g", "g", "--repair"]] {
            let result = try facegallery.run(words)
            #expect(result.exitCode == 1 && result.out.contains("1 problem; copy the network's files back"))
            #expect(!result.out.contains("--repair"), "\(result.out)")
        }
        let line = try run("check", "-g", "g", "--json").objects().first
        #expect(line?["remedies"] as? [String] == ["replace_network"])
        try FileManager.default.removeItem(atPath: folder.file("g/network/weights.safetensors"))
        try FileManager.default.copyItem(
            atPath: folder.file("cache/networks/one/weights.safetensors"),
            toPath: folder.file("g/network/weights.safetensors"))
        #expect(try run("check", "-g", "g").out.contains("sound"))
    }

    /// Creates a gallery where there is none yet; afterwards it must have its network, and nothing else be there.
    private func expectWhole(_ gallery: String, _ network: String, _ card: Data) throws {
        if !FileManager.default.fileExists(atPath: folder.file("\(gallery)/data.mdb")) {
            let created = try run("create", "-g", gallery, "--network", network)
            #expect(created.exitCode == 0, "\(gallery): \(created.err)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("\(gallery)/network/card.json"))) == card)
        #expect(try run("check", "-g", gallery).exitCode == 0)
    }

    @Test("a folder that holds something else is refused, and nothing is left in it")
    func createInForeignFolder() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file("mine"), withIntermediateDirectories: false)
        try folder.write([1], to: "mine/photo.jpg")
        let network = folder.file("cache/networks/one")
        #expect(try run("create", "-g", "mine", "--network", network).exitCode == 73)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("mine")) == ["photo.jpg"])
        #expect(try run("create", "-g", "none/below", "--network", network).exitCode == 73)
        #expect(try run("create", "-g", "mine/photo.jpg", "--network", network).exitCode == 73)
    }
}
