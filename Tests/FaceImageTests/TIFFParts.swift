/// TIFFs put together entry by entry, which libvips's writer does not let one do.
enum TIFFParts {
    /// One directory: numbers by tag, and the pixels of its only strip.
    struct Directory {
        var entries: [(tag: Int, values: [Int])]
        var pixels: [UInt8]
        var inner: [Directory] = []
    }

    private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// A picture with `channels` numbers a pixel.
    static func picture(
        width: Int, height: Int, channels: Int = 3, bits: Int = 8, meaning: Int = 2, pixels: [UInt8],
        more: [(tag: Int, values: [Int])] = []
    ) -> Directory {
        Directory(
            entries: [
                (256, [width]), (257, [height]), (258, [Int](repeating: bits, count: channels)), (259, [1]),
                (262, [meaning]), (277, [channels]), (278, [height]),
            ] + more, pixels: pixels)
    }

    static func file(_ directories: [Directory]) -> [UInt8] {
        var bytes: [UInt8] = Array("II".utf8) + little(42, 2) + little(0, 4)
        var link = 4
        for directory in directories {
            let place = append(directory, to: &bytes)
            bytes.replaceSubrange(link..<link + 4, with: little(place, 4))
            link = bytes.count - 4
        }
        return bytes
    }

    /// The directory's place; what it points to comes before it, and its link to the next one last.
    private static func append(_ directory: Directory, to bytes: inout [UInt8]) -> Int {
        let inner = directory.inner.map { append($0, to: &bytes) }
        let strip = bytes.count
        bytes += directory.pixels
        var entries = directory.entries + [(273, [strip]), (279, [directory.pixels.count])]
        if !inner.isEmpty { entries.append((330, inner)) }
        var written: [[UInt8]] = []
        for (tag, values) in entries.sorted(by: { $0.tag < $1.tag }) {
            var data = values.flatMap { little($0, 4) }
            if data.count > 4 {
                let place = bytes.count
                bytes += data
                data = little(place, 4)
            }
            written.append(little(tag, 2) + little(4, 2) + little(values.count, 4) + data)
        }
        let place = bytes.count
        bytes += little(written.count, 2) + written.joined() + little(0, 4)
        return place
    }
}

/// Bytes as zlib packs them without packing: blocks of up to 65,535 bytes, and a checksum.
func zlibStored(_ bytes: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: max(bytes.count, 1), by: 65_535) {
        let block = bytes[start..<min(bytes.count, start + 65_535)]
        let (low, high) = (UInt8(block.count & 255), UInt8(block.count >> 8))
        packed += [start + 65_535 >= bytes.count ? 1 : 0, low, high, ~low, ~high] + block
    }
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in bytes {
        a = (a + UInt32(byte)) % 65_521
        b = (b + a) % 65_521
    }
    return packed + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: (b << 16 | a) >> $0) }
}
