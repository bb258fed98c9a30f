import Foundation
import Network
import TestSupport

/// A gallery whose network takes photos whole, and photos for it that a test can draw: no model is needed.
struct PatternGallery {
    let folder: TemporaryFolder
    let facegallery: Facegallery

    /// Makes the gallery `g`.
    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        try writeNetwork("mine", to: "mynet", side: 32, dimension: 16, threshold: 0.9999, seed: 1)
        guard try facegallery("create", "-g", "g", "--network", "mynet/").exitCode == 0 else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// Writes a network that takes photos whole.
    func writeNetwork(
        _ name: String, to path: String, side: Int, dimension: Int, threshold: Double, seed: UInt64
    ) throws {
        let graph = try Architecture.siameseSmall.graph(side: side, dimension: dimension)
        let card = NetworkCard(
            name: name, architecture: .siameseSmall, dimension: dimension,
            input: NetworkCard.Input(side: side, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0),
            license: "mine", source: "a test",
            threshold: NetworkCard.Threshold(similarity: threshold, falseMatchRate: 0.01, measured: "a test"))
        try NetworkDirectory.write(card, NetworkParameters(graph, seed: seed), to: folder.file(path))
    }

    /// Draws photos into `people/`, three a person.
    func drawPeople(photos: Int) throws {
        for number in 0..<photos { try draw(number, as: "people/Person \(number / 3)/\(number).ppm") }
    }

    /// Writes a photo whose picture `pattern` decides; with another `copy` it is another file of the same picture.
    func draw(_ pattern: Int, copy: Int = 0, as path: String) throws {
        let (width, height) = (48, 40)
        var generator = SeededGenerator(seed: UInt64(pattern))
        let blocks = (0..<36).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width { pixels += [0, 1, 2].map { blocks[(y / 14 * 4 + x / 14 + 12 * $0) % 36] } }
        }
        let target = URL(fileURLWithPath: folder.file(path))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(Array("P6\n# copy \(copy)\n\(width) \(height) 255\n".utf8) + pixels).write(to: target)
    }

    /// The summary, which is the last line of `enroll --json`.
    func summary(_ result: Facegallery.Result) throws -> [String: Any] { try result.objects().last ?? [:] }

    /// What the gallery holds of a subject.
    func references(of subject: String) throws -> [[String: Any]] {
        try facegallery("subjects", "-g", "g", "--json", subject).objects()
    }
}
