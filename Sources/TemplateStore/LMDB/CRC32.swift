/// The checksum of every record: CRC-32 as in zlib and PNG, so that `zlib.crc32` checks a gallery.
struct CRC32 {
    private var state: UInt32 = 0xFFFF_FFFF

    /// The checksum of everything added so far.
    var value: UInt32 { ~state }

    /// Adds the eight bytes of `number`, little-endian.
    mutating func add(_ number: UInt64) {
        state = CRC32.step(state, number, CRC32.table)
    }

    /// Adds `bytes`; eight table look-ups for eight bytes, which are independent of each other.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        let table = CRC32.table
        var state = self.state
        var offset = 0
        while offset + 8 <= bytes.count {
            state = CRC32.step(
                state, unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), table)
            offset += 8
        }
        while offset < bytes.count {
            state = unsafe (state >> 8) ^ table[0, UInt8(truncatingIfNeeded: state) ^ bytes[offset]]
            offset += 1
        }
        self.state = state
    }

    @inline(__always)
    private static func step(_ state: UInt32, _ word: UInt64, _ table: Table) -> UInt32 {
        let mixed = word ^ UInt64(state)
        var result: UInt32 = 0
        for lane in 0..<8 {
            result ^= table[7 - lane, UInt8(truncatingIfNeeded: mixed >> (8 * UInt64(lane)))]
        }
        return result
    }

    private static let table = Table()

    /// Eight tables of 256 words.
    @safe
    private struct Table: @unchecked Sendable {
        // Sendable: written in `init` only, and kept for the life of the process.
        private let words: UnsafePointer<UInt32>

        init() {
            let words = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
            for byte in 0..<256 {
                var value = UInt32(byte)
                for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
                unsafe words[byte] = value
            }
            for row in 1..<8 {
                for byte in 0..<256 {
                    let before = unsafe words[(row - 1) * 256 + byte]
                    unsafe words[row * 256 + byte] = unsafe (before >> 8) ^ words[Int(before & 0xFF)]
                }
            }
            unsafe self.words = UnsafePointer(words)
        }

        /// Unchecked is safe: `row` is 0...7 by the only callers, a byte cannot leave its row.
        @inline(__always)
        subscript(row: Int, byte: UInt8) -> UInt32 { unsafe words[row * 256 + Int(byte)] }
    }
}
