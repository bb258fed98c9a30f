internal import Glibc

/// Uniform 64-bit numbers (Steele et al., "Fast splittable pseudorandom number generators", 2014).
///
/// Equal seed and stream give equal numbers on every machine. A value; one thread's at a time.
public struct SeededNumbers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameters:
    ///   - seed: what the user chose.
    ///   - stream: tells uses of one seed apart.
    public init(seed: UInt64, stream: UInt64 = 0) {
        state = Self.mix(seed &+ 0x9e37_79b9_7f4a_7c15 &* (stream &+ 1))
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// A number in 0..<1.
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Standard normal numbers (Box and Muller, 1958).
public struct NormalNumbers: Sendable {
    private var uniform: SeededNumbers

    /// As `SeededNumbers`.
    public init(seed: UInt64, stream: UInt64 = 0) { uniform = SeededNumbers(seed: seed, stream: stream) }

    /// The next number.
    public mutating func next() -> Float {
        let radius = (-2 * log(Double(1 - uniform.uniform()))).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(uniform.uniform())))
    }
}
