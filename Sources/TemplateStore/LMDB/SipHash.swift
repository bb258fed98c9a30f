/// A keyed checksum of 64 bits that nobody can make who does not know the key.
///
/// SipHash-2-4: Aumasson and Bernstein 2012.
struct SipHash {
    /// Two halves of 16 bytes, little-endian.
    let key: (UInt64, UInt64)

    /// The checksum of `bytes`; O(count).
    func checksum(_ bytes: [UInt8]) -> UInt64 {
        var state = (
            key.0 ^ 0x736f_6d65_7073_6575, key.1 ^ 0x646f_7261_6e64_6f6d, key.0 ^ 0x6c79_6765_6e65_7261,
            key.1 ^ 0x7465_6462_7974_6573
        )
        var place = 0
        while place + 8 <= bytes.count {
            Self.take(Self.word(bytes[place..<place + 8]), &state)
            place += 8
        }
        Self.take(Self.word(bytes[place...]) | UInt64(bytes.count & 0xFF) << 56, &state)
        state.2 ^= 0xFF
        for _ in 0..<4 { Self.round(&state) }
        return state.0 ^ state.1 ^ state.2 ^ state.3
    }

    private typealias State = (UInt64, UInt64, UInt64, UInt64)

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func take(_ word: UInt64, _ state: inout State) {
        state.3 ^= word
        round(&state)
        round(&state)
        state.0 ^= word
    }

    private static func round(_ state: inout State) {
        state.0 &+= state.1
        state.2 &+= state.3
        state.1 = rotated(state.1, 13) ^ state.0
        state.3 = rotated(state.3, 16) ^ state.2
        state.0 = rotated(state.0, 32)
        state.2 &+= state.1
        state.0 &+= state.3
        state.1 = rotated(state.1, 17) ^ state.2
        state.3 = rotated(state.3, 21) ^ state.0
        state.2 = rotated(state.2, 32)
    }

    private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 { word << bits | word >> (64 - bits) }
}
