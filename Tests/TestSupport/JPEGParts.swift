/// JPEGs as no camera writes them, built from the standard.
public enum JPEGParts {
    /// A segment: its marker, its length, its data.
    public static func segment(_ marker: UInt8, _ data: [UInt8]) -> [UInt8] {
        [0xff, marker, UInt8((data.count + 2) >> 8), UInt8((data.count + 2) & 0xff)] + data
    }

    /// A flat grey progressive JPEG whose last scan, which changes nothing, comes so many times in all.
    ///
    /// A scan takes the decoder over the whole picture, and the file only some bytes for each 32,767 blocks of it.
    public static func progressive(width: Int, height: Int, scans: Int) -> [UInt8] {
        let blocks = ((width + 7) / 8) * ((height + 7) / 8)
        var file: [UInt8] = [0xff, 0xd8] + segment(0xdb, [0] + [UInt8](repeating: 1, count: 64))
        file += segment(
            0xc2,
            [
                8, UInt8(height >> 8), UInt8(height & 0xff), UInt8(width >> 8), UInt8(width & 0xff), 1, 1, 0x11,
                0,
            ])
        // One symbol each, of one bit: a difference of nothing, and a run of 2^14 and more empty blocks.
        let oneSymbol: [UInt8] = [1] + [UInt8](repeating: 0, count: 15)
        file += segment(0xc4, [0x00] + oneSymbol + [0x00]) + segment(0xc4, [0x10] + oneSymbol + [0xe0])
        var bits = BitWriter()
        for _ in 0..<blocks { bits.append(0, count: 1) }
        file += segment(0xda, [1, 1, 0x00, 0, 0, 0]) + bits.bytes
        bits = BitWriter()
        for start in stride(from: 0, to: blocks, by: 32_767) {
            bits.append(0, count: 1)
            bits.append(max(0, min(32_767, blocks - start) - 16_384), count: 14)
        }
        let empty = segment(0xda, [1, 1, 0x00, 1, 63, 0]) + bits.bytes
        for _ in 1..<scans { file += empty }
        return file + [0xff, 0xd9]
    }

    private struct BitWriter {
        private var whole: [UInt8] = []
        private var open: UInt8 = 0
        private var count = 0

        mutating func append(_ value: Int, count bits: Int) {
            for place in (0..<bits).reversed() {
                open = open << 1 | UInt8(value >> place & 1)
                count += 1
                if count == 8 { close() }
            }
        }

        private mutating func close() {
            whole.append(open)
            if open == 0xff { whole.append(0) }
            (open, count) = (0, 0)
        }

        /// All bits, filled up with ones.
        var bytes: [UInt8] {
            var full = self
            while full.count > 0 { full.append(1, count: 1) }
            return full.whole
        }
    }
}
