import FaceImage
import Foundation
import Gallery
import GalleryModel
import Network
import TestSupport

/// A gallery of photos that are taken whole, and networks for it that a test can write.
struct MigrationGallery {
    let folder: TemporaryFolder
    var path: String { folder.file("g") }

    /// Makes the gallery `g` with the network `old` of 128 numbers, and beside it the network `new` of 512 numbers.
    init() throws {
        folder = try TemporaryFolder()
        try writeNetwork("old", dimension: 128, seed: 1)
        try writeNetwork("new", dimension: 512, seed: 2)
        try FaceGallery.create(at: path, networkDirectory: folder.file("old"))
    }

    func writeNetwork(_ name: String, dimension: Int, seed: UInt64) throws {
        let graph = try Architecture.siameseSmall.graph(side: 32, dimension: dimension)
        let card = NetworkCard(
            name: name, architecture: .siameseSmall, dimension: dimension,
            input: NetworkCard.Input(side: 32, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0),
            license: "mine",
            source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.999, falseMatchRate: 0.01, measured: "a test"))
        try NetworkDirectory.write(card, NetworkParameters(graph, seed: seed), to: folder.file(name))
    }

    /// The path of a photo that a number decides, which is drawn where it is not there.
    func photo(_ number: Int) throws -> String {
        let path = folder.file("\(number).ppm")
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        var generator = SeededGenerator(seed: UInt64(number))
        let blocks = (0..<48).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var pixels: [UInt8] = []
        for y in 0..<32 {
            for x in 0..<32 { pixels += (0..<3).map { blocks[y / 8 * 4 + x / 8 + 16 * $0] } }
        }
        return try folder.write(Array("P6\n32 32 255\n".utf8) + pixels, to: "\(number).ppm")
    }

    func person(_ number: Int) -> String { "person \(number / 2)" }

    /// Enrols photos as `enroll` does.
    func enroll(
        _ numbers: some Sequence<Int>, in gallery: String? = nil, by network: String = "old"
    ) throws {
        let encoder = try PhotoEncoder(network: folder.file(network))
        let references = try numbers.map { number in
            let file = try PhotoFile(.path(photo(number)))
            let face = try encoder.face(in: file)
            return NewReference(
                subject: person(number), source: try photo(number), sourceDigest: SHA256.digest(of: file.bytes),
                quality: ReferenceQuality(face.face), template: face.template)
        }
        _ = try FaceGallery(at: gallery ?? path).enroll(references)
    }

    var settings: MigrationSettings {
        var settings = MigrationSettings(network: folder.file("new"))
        settings.patience = .zero
        return settings
    }

    @discardableResult
    func migrate(
        _ settings: MigrationSettings? = nil, _ onEvent: (MigrationEvent) throws -> Void = { _ in }
    ) throws -> MigrationReport {
        try FaceGallery.migrate(at: path, settings ?? self.settings, onEvent: onEvent)
    }

    /// All that a gallery holds but templates and times: what two galleries have in common that were enrolled alike.
    func contents(_ gallery: String? = nil) throws -> [String] {
        var lines: [String] = []
        let gallery = try FaceGallery(at: gallery ?? path, readOnly: true)
        try gallery.forEachReference { reference, subject, _ in
            lines.append(
                "\(reference.id) \(subject) \(reference.source) \(reference.quality.map { "\($0)" } ?? "")")
        }
        return lines + ["\(gallery.settings)"]
    }

    func templates(_ gallery: String? = nil) throws -> [[Float]] {
        var templates: [[Float]] = []
        try FaceGallery(at: gallery ?? path, readOnly: true).forEachReference { _, _, template in
            templates.append(template)
        }
        return templates
    }

    /// The least cosine of two galleries' templates: 1 but for rounding where both made them of the same photos, which
    /// a network takes by different numbers at once.
    func likeness(_ one: [[Float]], _ other: [[Float]]) -> Float {
        guard one.count == other.count else { return -1 }
        return zip(one, other).map { zip($0, $1).reduce(0) { $0 + $1.0 * $1.1 } }.min() ?? 1
    }

    /// What is in the gallery's folder, below it.
    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).filter { !$0.hasPrefix("index") }.sorted()
    }
}
