/// Random numbers that are the same for the same seed, on every machine.
///
/// SplitMix64: Steele, Lea and Flood 2014.
package struct RandomBits: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A number below `limit`, which must be 1 or more.
    ///
    /// Lemire 2019, without its rejection: the bias is below 2⁻³² for limits up to 2³².
    package mutating func below(_ limit: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(limit)).high) }
}
