/// Vectors of length 1, the only ones a gallery keeps.
public enum UnitVector {
    /// How far a stored vector's length may be from 1.
    public static let tolerance = 1e-3

    /// Vectors of at most this length have no direction that could be told.
    private static let shortest = 1e-30

    /// Scales `vector` to length 1 in place.
    ///
    /// The length is summed in float64, so vectors with a length of 1e-18...1e18 come out within 1e-6 of 1.
    /// - Throws: `VectorProblem.notFinite` for NaN, infinities or an infinite length, `.zero` for a length
    ///   of zero (also of an empty vector); `vector` is then unchanged.
    /// - Complexity: O(dimension).
    public static func normalise(_ vector: inout [Float]) throws(VectorProblem) {
        let scale = try self.scale(vector.span)
        for i in vector.indices { vector[i] = Float(Double(vector[i]) * scale) }
    }

    /// What the numbers of `vector` are to be multiplied with for a length of 1.
    package static func scale(_ vector: borrowing Span<Float>) throws(VectorProblem) -> Double {
        let length = self.length(vector)
        guard length.isFinite else { throw .notFinite }
        guard length > shortest else { throw .zero }
        return 1 / length
    }

    /// Euclidean length of `vector`; NaN or infinite when a number of it is.
    /// - Complexity: O(dimension).
    public static func length(_ vector: borrowing Span<Float>) -> Double {
        // Four sums side by side: one would wait for each addition before it starts the next.
        var sums = SIMD4<Double>()
        var i = 0
        while i + 4 <= vector.count {
            let part = SIMD4<Double>(SIMD4<Float>(vector[i], vector[i + 1], vector[i + 2], vector[i + 3]))
            sums += part * part
            i += 4
        }
        while i < vector.count {
            sums[0] += Double(vector[i]) * Double(vector[i])
            i += 1
        }
        return sums.sum().squareRoot()
    }

    /// Refuses `vector` unless it has `dimension` finite numbers and a length of 1 within `tolerance`.
    /// - Complexity: O(dimension).
    public static func check(_ vector: borrowing Span<Float>, dimension: Int) throws(VectorProblem) {
        guard vector.count == dimension else {
            throw .dimension(expected: dimension, found: vector.count)
        }
        let length = self.length(vector)
        guard length.isFinite else { throw .notFinite }
        guard length != 0 else { throw .zero }
        guard abs(length - 1) <= tolerance else { throw .notUnitLength(length: length) }
    }
}
