/// BMPs, which libvips writes through ImageMagick alone.
enum BMPParts {
    private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The two headers of a picture, and a table of colours.
    static func header(
        width: Int, height: Int, bits: Int, packing: Int = 0, colours: [[UInt8]] = []
    ) -> [UInt8] {
        let start = 54 + 4 * colours.count
        return Array("BM".utf8) + little(0, 4) + little(0, 4) + little(start, 4) + little(40, 4)
            + little(width, 4) + little(height, 4) + little(1, 2) + little(bits, 2) + little(packing, 4)
            + little(0, 12) + little(colours.count, 4) + little(0, 4)
            + colours.flatMap { $0.reversed() + [0] }
    }

    /// A picture of three channels, 24 bits a pixel.
    ///
    /// - Parameter topDown: whether the first row comes first; the last one does as a rule.
    static func file(_ picture: Picture, topDown: Bool = false) -> [UInt8] {
        var bytes = header(
            width: picture.width, height: topDown ? -picture.height : picture.height, bits: 24)
        for row in 0..<picture.height {
            let from = 3 * picture.width * (topDown ? row : picture.height - 1 - row)
            for pixel in 0..<picture.width {
                bytes += picture.samples[from + 3 * pixel..<from + 3 * pixel + 3].reversed()
            }
            bytes += [UInt8](repeating: 0, count: (4 - 3 * picture.width % 4) % 4)
        }
        return bytes
    }
}
