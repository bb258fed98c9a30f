import Foundation
import Network
import TestSupport
import Testing

@testable import Training

@Suite("A checkpoint")
struct CheckpointTests {
    private let training: NumbersTraining

    init() throws { training = try NumbersTraining() }

    private var url: URL { URL(fileURLWithPath: training.folder.file("net/checkpoint.safetensors")) }

    /// Where each tensor's bytes stand in the file.
    private func places(_ bytes: Data) throws -> [String: Range<Int>] {
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: [String: Any]]
        var places: [String: Range<Int>] = [:]
        for (name, entry) in try #require(header) {
            guard let offsets = entry["data_offsets"] as? [Int] else { continue }
            places[name] = 8 + length + offsets[0]..<8 + length + offsets[1]
        }
        return places
    }

    private func reason() throws -> String? {
        let error = #expect(throws: TrainingError.self) {
            try training.run(training.settings, training.job("net", resume: true))
        }
        guard case .badCheckpoint(_, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return nil
        }
        return reason
    }

    @Test("whose tensor lost a bit, or became zeros, is refused by the tensor's name")
    func damagedTensors() throws {
        try training.run(training.settings, training.job("net"), until: 8)
        let good = try Data(contentsOf: url)
        let places = try places(good)
        let names = ["moment.first", "moment.second", "average", "best"]
        let weight = try #require(places.keys.filter { $0.hasSuffix(".weight") }.min())
        for name in names + [weight] {
            let place = try #require(places[name], "\(name)")
            for damage in [
                { (bytes: inout Data) in bytes[place.lowerBound + place.count / 8 * 4] ^= 1 },
                { (bytes: inout Data) in
                    bytes.replaceSubrange(place, with: Array(repeating: 0, count: place.count))
                },
            ] {
                var bad = good
                damage(&bad)
                try bad.write(to: url)
                #expect(try reason()?.contains("tensor \(name) is damaged") == true, "\(name)")
            }
        }
        try good.write(to: url)
        #expect(try training.run(training.settings, training.job("net", resume: true)).reason == .finished)
    }

    @Test("whose text lost a bit is refused")
    func damagedText() throws {
        try training.run(training.settings, training.job("net"), until: 2)
        let good = try Data(contentsOf: url)
        // The seed 1 becomes the seed 3, which is as good a seed.
        let place = try #require(good.range(of: Data(#"\"seed\":1"#.utf8)))
        var bad = good
        bad[place.upperBound - 1] ^= 2
        try bad.write(to: url)
        #expect(try reason()?.contains("checksum") == true)
        // Without its checksum it is not taken for one of an earlier version.
        let name = try #require(good.range(of: Data("checksum".utf8)))
        bad = good
        bad[name.lowerBound] ^= 1
        try bad.write(to: url)
        #expect(try reason()?.contains("checksums are missing") == true)
    }
}
