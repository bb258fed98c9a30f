import FaceImage
import Foundation
import TestSupport
import Training

/// Folders of people with small photos that every build can decode.
enum TestPeople {
    /// A PPM photo of one colour pattern; no two numbers give the same one.
    static func photo(_ number: Int, side: Int = 24) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(number))
        return Array("P6 \(side) \(side) 255\n".utf8)
            + (0..<3 * side * side).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Makes `people[name]` photos for each name; the files are made in the order given.
    static func make(_ people: [(name: String, photos: Int)], in folder: TemporaryFolder) throws {
        for (name, photos) in people {
            try FileManager.default.createDirectory(
                atPath: folder.file(name), withIntermediateDirectories: true)
            for photo in 0..<photos {
                // The name decides the picture, so that the order of making does not show.
                let number = name.utf8.reduce(photo * 1000) { $0 * 31 % 1_000_003 + Int($1) }
                try folder.write(Self.photo(number), to: "\(name)/\(name)_\(photo).ppm")
            }
        }
    }

    /// Chips of whole photos.
    static func chips(
        _ folder: TemporaryFolder, side: Int = 16, jobs: Int = 2, cache: ChipCache? = nil
    ) throws -> Chips {
        try Chips(
            TrainingPhotos(folder: folder.path), source: wholePhotos(side: side), jobs: jobs, cache: cache)
    }

    static func wholePhotos(side: Int = 16) throws -> ChipSource {
        try ChipSource(side: side, cut: .wholePhoto, landmarkModel: "")
    }
}
