/// Where the numbers of one vector begin: a seed, and what the vector is of.
///
/// Equal keys give equal numbers on every machine, whatever was drawn before and on whichever thread.
struct NumberKey: Sendable {
    private let state: UInt64

    init(seed: UInt64) { state = Self.mix(seed &+ Self.step) }

    private init(state: UInt64) { self.state = state }

    /// The key of one part of what this key stands for.
    func part(_ number: Int) -> NumberKey {
        NumberKey(state: Self.mix(state ^ Self.mix(UInt64(bitPattern: Int64(number)) &+ Self.step)))
    }

    /// A whole number in 0..<`limit`.
    func below(_ limit: Int) -> Int { Int(state.multipliedFullWidth(by: UInt64(limit)).high) }

    /// Fills memory with independent standard normal numbers.
    ///
    /// Twelve uniform numbers are added, and the sum is bent to the normal distribution by Teichroew's polynomial
    /// (Abramowitz and Stegun 26.8.6): additions and multiplications alone, so that no machine's `log` matters.
    func fillNormals(_ out: UnsafeMutableBufferPointer<Float>) {
        var place = state
        let halves: UInt64 = 0x0000_FFFF_0000_FFFF
        for index in out.indices {
            // Twelve numbers of 16 bits lie in three of 64; each half of a word adds up six of them.
            var sums: UInt64 = 0
            for _ in 0..<3 {
                place &+= Self.step
                let bits = Self.mix(place)
                sums &+= (bits & halves) &+ (bits >> 16 & halves)
            }
            let sum = UInt32(truncatingIfNeeded: sums) &+ UInt32(truncatingIfNeeded: sums >> 32)
            let y = (Float(sum) * 0x1p-16 - 5.999_908_4) * 0.25
            let square = y * y
            var slope: Float = 0.029_899_776
            for coefficient: Float in [0.008_355_968, 0.076_542_912, 0.252_408_784, 3.949_846_138] {
                slope = slope * square + coefficient
            }
            unsafe out[index] = y * slope
        }
    }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    private static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
