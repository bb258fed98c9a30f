import Foundation
import VectorIndex

/// Seeded unit vectors for tests: the same seed gives the same bits.
struct SyntheticVectors {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func bits() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }

    /// A number in −1…1, its distribution bell-shaped enough for directions.
    mutating func number() -> Float {
        let sum = (bits() & 0xFFFF) &+ (bits() & 0xFFFF) &+ (bits() & 0xFFFF)
        return Float(sum) / 98_304 - 1
    }

    /// One unit vector at about the similarity to `centre` that `spread` gives.
    mutating func unit(around centre: [Float], spread: Float) -> [Float] {
        var vector = centre
        let scale = spread * (3 / Float(centre.count)).squareRoot()
        for at in 0..<vector.count { vector[at] += scale * number() }
        return Self.normalised(vector)
    }

    /// `count` unit vectors around `centres` directions, row-major.
    ///
    /// spread 0 repeats the centres.
    mutating func rows(_ count: Int, dimension: Int, centres: Int, spread: Float) -> [Float] {
        let none = [Float](repeating: 0, count: dimension)
        let middles = (0..<centres).map { _ in unit(around: none, spread: 1) }
        var rows: [Float] = []
        rows.reserveCapacity(count * dimension)
        for _ in 0..<count { rows += unit(around: middles[Int(bits()) % centres], spread: spread) }
        return rows
    }

    static func normalised(_ vector: [Float]) -> [Float] {
        var squares: Float = 0
        for value in vector { squares += value * value }
        let length = squares.squareRoot()
        return vector.map { $0 / length }
    }
}

extension VectorIndex {
    /// An index of rows whose ids ascend from `first`.
    ///
    static func filled(_ rows: [Float], dimension: Int, first: Int64 = 1) throws -> VectorIndex {
        let index = try VectorIndex(dimension: dimension)
        try index.add(ids: (0..<Int64(rows.count / dimension)).map { first + $0 }, vectors: rows)
        return index
    }
}
