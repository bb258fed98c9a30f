/// Random numbers that are the same in every run of a test.
///
/// SplitMix64: Steele, Lea and Flood 2014.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Begins the sequence of a seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number in −1…1, the same on every machine: a multiple of 2⁻²³.
    public mutating func signedUnit() -> Float { Float(next() >> 40) / Float(1 << 23) - 1 }

    /// A vector of length 1, its direction roughly even over the sphere.
    public mutating func unitVector(_ dimension: Int) -> [Float] {
        let vector = (0..<dimension).map { _ in Float.random(in: -1...1, using: &self) }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / length }
    }
}
