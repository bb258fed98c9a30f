internal import CSHA256

/// The SHA-256 digest of FIPS 180-4, which names weights and snapshots.
public enum SHA256 {
    /// How blocks are folded: by the processor's own instructions, about four times as fast, or in Swift.
    enum Method { case instructions, swift }

    static let fastest: Method = csha256_available() ? .instructions : .swift

    /// The digest of `bytes` as 64 lower-case hexadecimal digits.
    ///
    /// O(count); safe from any thread.
    public static func hex(of bytes: [UInt8]) -> String {
        hex(of: bytes, by: fastest)
    }

    static func hex(of bytes: [UInt8], by method: Method) -> String {
        let state = finalState(of: bytes, by: method)
        return (0..<8).map { hexadecimal(state[$0]) }.joined()
    }

    /// The digest of `bytes`, 32 bytes.
    ///
    /// O(count); safe from any thread.
    public static func digest(of bytes: [UInt8]) -> [UInt8] {
        let state = finalState(of: bytes, by: fastest)
        return (0..<32).map { UInt8(truncatingIfNeeded: state[$0 / 4] >> (24 - 8 * UInt32($0 % 4))) }
    }

    private static func finalState(of bytes: [UInt8], by method: Method) -> SIMD8<UInt32> {
        var state = initialState
        var tail = [UInt8]()
        unsafe bytes.withUnsafeBytes { all in
            let whole = all.count / 64
            if let start = all.baseAddress { unsafe fold(&state, start, blocks: whole, by: method) }
            unsafe tail.append(contentsOf: all[(whole * 64)...])
        }
        tail.append(0x80)
        while tail.count % 64 != 56 { tail.append(0) }
        let bits = UInt64(bytes.count) * 8
        for shift in stride(from: 56, through: 0, by: -8) {
            tail.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        unsafe tail.withUnsafeBytes { rest in
            if let start = rest.baseAddress { unsafe fold(&state, start, blocks: rest.count / 64, by: method) }
        }
        return state
    }

    /// The digest of a file's bytes, as `hex(of:)`.
    ///
    /// - Throws: `unreadable` when the file cannot be read; files above 4 GiB are refused.
    public static func hex(ofFile path: String) throws(NetworkError) -> String {
        hex(of: try readFile(path, limit: 1 << 32))
    }

    private static func hexadecimal(_ word: UInt32) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    static let initialState: SIMD8<UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    private static let constants: [64 of UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    static func fold(
        _ state: inout SIMD8<UInt32>, _ data: UnsafeRawPointer, blocks: Int, by method: Method
    ) {
        guard case .instructions = method else { return unsafe compress(&state, data, blocks: blocks) }
        var words: [8 of UInt32] = .init { state[$0] }
        var span = words.mutableSpan
        unsafe span.withUnsafeMutableBufferPointer { words in
            unsafe constants.span.withUnsafeBufferPointer { constants in
                guard let state = words.baseAddress, let constants = constants.baseAddress else { return }
                unsafe csha256_compress(
                    state, constants, data.assumingMemoryBound(to: UInt8.self), blocks)
            }
        }
        for index in 0..<8 { state[index] = words[index] }
    }

    private static func compress(_ state: inout SIMD8<UInt32>, _ data: UnsafeRawPointer, blocks: Int) {
        let constants = Self.constants
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            guard let w = schedule.baseAddress else { return }
            for block in 0..<blocks {
                unsafe expand(data + block * 64, into: w)
                for i in 0..<64 { unsafe w[i] &+= constants[i] }
                var (a, b, c, d) = (state[0], state[1], state[2], state[3])
                var (e, f, g, h) = (state[4], state[5], state[6], state[7])
                // Eight rounds a turn: each variable is back in its place, so nothing is moved.
                for i in stride(from: 0, to: 64, by: 8) {
                    unsafe mix(a, b, c, &d, e, f, g, &h, w[i])
                    unsafe mix(h, a, b, &c, d, e, f, &g, w[i + 1])
                    unsafe mix(g, h, a, &b, c, d, e, &f, w[i + 2])
                    unsafe mix(f, g, h, &a, b, c, d, &e, w[i + 3])
                    unsafe mix(e, f, g, &h, a, b, c, &d, w[i + 4])
                    unsafe mix(d, e, f, &g, h, a, b, &c, w[i + 5])
                    unsafe mix(c, d, e, &f, g, h, a, &b, w[i + 6])
                    unsafe mix(b, c, d, &e, f, g, h, &a, w[i + 7])
                }
                state = state &+ [a, b, c, d, e, f, g, h]
            }
        }
    }

    /// One round; `h` becomes the next round's `a`, `d` its `e`.
    @inline(__always)
    private static func mix(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
        _ h: inout UInt32, _ word: UInt32
    ) {
        let choice = g ^ (e & (f ^ g))
        let first = h &+ (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) &+ choice &+ word
        let majority = (a & b) | (c & (a | b))
        d = d &+ first
        h = first &+ (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) &+ majority
    }

    @inline(__always)
    private static func expand(_ block: UnsafeRawPointer, into w: UnsafeMutablePointer<UInt32>) {
        for i in 0..<16 {
            unsafe w[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: i * 4, as: UInt32.self))
        }
        for i in 16..<64 {
            let (x, y) = unsafe (w[i - 15], w[i - 2])
            let s0 = turn(x, 7) ^ turn(x, 18) ^ (x &>> 3)
            let s1 = turn(y, 17) ^ turn(y, 19) ^ (y &>> 10)
            unsafe w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
        }
    }

    @inline(__always)
    private static func turn(_ x: UInt32, _ count: UInt32) -> UInt32 { (x &>> count) | (x &<< (32 &- count)) }
}
