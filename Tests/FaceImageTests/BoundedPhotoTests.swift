import FaceImage
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("a photo's time and parts are bounded", .timeLimit(.minutes(10))) struct BoundedPhotoTests {
    /// A JPEG with `count` more segments of metadata that say nothing.
    private func withSegments(_ count: Int) throws -> [UInt8] {
        let plain = try Picture.quadrants.encoded(".jpg[strip]")
        let empty = JPEGParts.segment(0xe2, Array("MPF\0abcd".utf8))
        return plain[..<2] + (0..<count).flatMap { _ in empty } + plain[2...]
    }

    @Test("a JPEG of 80,000 segments, for which libjpeg takes minutes, is refused with count and limit")
    func segments() throws {
        let expected: PhotoError = .tooManyParts(
            name: "some.jpg", parts: "segments", count: 4_097, limit: 4_096)
        #expect(failure(try withSegments(80_000)) == expected)
        #expect(expected.kind == .badData)
        #expect(failure(try withSegments(4_000)) == nil)
    }

    @Test("a JPEG of 100 scans decodes, one of 101 is refused with count and limit")
    func scans() {
        #expect(failure(JPEGParts.progressive(width: 64, height: 64, scans: 100)) == nil)
        #expect(
            failure(JPEGParts.progressive(width: 64, height: 64, scans: 101))
                == .tooManyParts(name: "some.jpg", parts: "scans", count: 101, limit: 100))
    }

    @Test("a PNG of 5,000 chunks of metadata or of 33 compressed texts is refused")
    func chunks() throws {
        let plain = try Picture.quadrants.encoded(".png")
        func with(_ chunk: [UInt8], _ count: Int) -> [UInt8] {
            plain[..<33] + (0..<count).flatMap { _ in chunk } + plain[33...]
        }
        let text = pngChunk("tEXt", Array("a\0b".utf8))
        guard case .tooManyParts(_, "chunks", 4_097, 4_096) = failure(with(text, 5_000)) else {
            Issue.record("not refused")
            return
        }
        #expect(failure(with(text, 500)) == nil)
        // "b", deflated.
        let packed = pngChunk("zTXt", Array("a\0\0".utf8) + [0x78, 0x9c, 0x4b, 0x02, 0, 0, 0x63, 0, 0x63])
        #expect(
            failure(with(packed, 33))
                == .tooManyParts(name: "some.jpg", parts: "compressed texts", count: 33, limit: 32))
    }

    @Test("a GIF of 10,001 frames and a TIFF of 1,001 directories are refused")
    func frames() throws {
        let frame: [UInt8] = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]
        let header: [UInt8] = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255]
        func gif(_ frames: Int) -> [UInt8] { header + (0..<frames).flatMap { _ in frame } + [0x3b] }
        #expect(failure(gif(2_000)) == nil)
        guard case .tooManyParts(_, "frames", 10_001, 10_000) = failure(gif(10_001)) else {
            Issue.record("not refused")
            return
        }
        // A directory without entries that names itself as the next.
        let loop: [UInt8] = Array("II*\0".utf8) + [8, 0, 0, 0, 0, 0, 8, 0, 0, 0]
        guard case .tooManyParts(_, "directories", 1_001, 1_000) = failure(loop) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("a JPEG 2000 file of many packets or tiles is refused before OpenJPEG counts them")
    func packets() throws {
        guard PhotoFormat.jpeg2000.isReadable, let plain = try? Picture.quadrants.encoded(".jp2") else {
            try Test.cancel("this machine has no JPEG 2000")
        }
        #expect(failure(plain) == nil)
        // The stream's size segment, and its coding style with the number of layers.
        let size = try #require(plain.firstRange(of: [0xff, 0x4f, 0xff, 0x51])?.lowerBound)
        let style = try #require(plain.firstRange(of: [0xff, 0x52])?.lowerBound)
        var layered = plain
        layered.replaceSubrange(style + 6..<style + 8, with: [0xff, 0xff])
        // Precincts of one pixel cannot be told without their sizes, so the layers must do: 65,535 for a picture of
        // 4,000 x 4,000 in tiles of 64 x 64.
        layered.replaceSubrange(size + 8..<size + 16, with: [0, 0, 0x0f, 0xa0, 0, 0, 0x0f, 0xa0])
        layered.replaceSubrange(size + 24..<size + 32, with: [0, 0, 0, 64, 0, 0, 0, 64])
        guard case .tooManyParts(_, "packets", _, 4_000_000) = failure(layered) else {
            Issue.record("\(String(describing: failure(layered)))")
            return
        }
        var tiled = plain
        tiled.replaceSubrange(size + 8..<size + 16, with: [0, 0, 0x0f, 0xa0, 0, 0, 0x0f, 0xa0])
        tiled.replaceSubrange(size + 24..<size + 32, with: [0, 0, 0, 1, 0, 0, 0, 1])
        #expect(
            failure(tiled)
                == .tooManyParts(name: "some.jpg", parts: "tiles", count: 16_000_000, limit: 10_000))
    }

    @Test("a photo that takes longer than the limit is refused, with what it took")
    func tooSlow() {
        let slow = JPEGParts.progressive(width: 4_000, height: 4_000, scans: 60)
        guard case .tooSlow("some.jpg", let seconds, 0.05) = failure(slow, limits: DecodeLimits(seconds: 0.05))
        else {
            Issue.record("not refused")
            return
        }
        // The decoder is asked between two pieces of the file, each of which costs a fraction of a second.
        #expect(seconds > 0.05 && seconds < 2)
        #expect(failure(slow) == nil)
    }

    @Test("a limit that is no number, or none, refuses and does not trap", arguments: [0, -1, Double.nan])
    func strangeLimits(seconds: Double) {
        let slow = JPEGParts.progressive(width: 4_000, height: 4_000, scans: 60)
        guard case .tooSlow = failure(slow, limits: DecodeLimits(seconds: seconds)) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("limits without end are no limits")
    func endlessLimits() throws {
        let limits = DecodeLimits(bytes: .max, pixels: .max, seconds: .infinity)
        #expect(failure(try Picture.quadrants.encoded(".png"), limits: limits) == nil)
    }

    /// So many pixels of noise that every decoder is asked several times on the way.
    private static let large: Picture = {
        var state: UInt32 = 1
        let block = (0..<6_007).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let (width, height) = (3_000, 2_000)
        var samples: [UInt8] = []
        while samples.count < 3 * width * height { samples += block }
        return Picture(
            width: width, height: height, bands: 3, samples: Array(samples.prefix(3 * width * height)))
    }()

    @Test(
        "who wants to stop is heard while a photo is decoded",
        arguments: [
            ".png[compression=1]", ".png[interlace,compression=1]", ".tif[compression=lzw]", ".pgm",
            ".jpg", "bmp", "scans",
        ])
    func stop(suffix: String) throws {
        let picture = Self.large
        let bytes: [UInt8] =
            switch suffix {
            case "bmp":
                BMPParts.header(width: picture.width, height: picture.height, bits: 24) + picture.samples
            case "scans": JPEGParts.progressive(width: 8_000, height: 8_000, scans: 100)
            case ".pgm":
                Array("P2 1500 1000 255\n".utf8)
                    + [[UInt8]](repeating: [0x37, 0x20], count: 1_500_000).joined()
            default: try picture.encoded(suffix)
            }
        let asked = Mutex(0)
        let error = failure(bytes) {
            asked.withLock { count in
                count += 1
                return true
            }
        }
        #expect(error == .stopped(name: "some.jpg"))
        #expect(error?.kind == .stopped)
        // Once it has said so it is not asked again: the decoder ends at the first sign.
        #expect(asked.withLock { $0 } == 1)
    }

    @Test("a damaged photo is refused while another one is still being decoded")
    func damagedBesideBusy() throws {
        let busy = JPEGParts.progressive(width: 4_000, height: 4_000, scans: 60)
        let isInside = Mutex(false)
        let mayEnd = Mutex(false)
        let thread = Thread {
            _ = failure(busy) {
                isInside.withLock { $0 = true }
                return mayEnd.withLock { $0 }
            }
        }
        thread.start()
        while !isInside.withLock({ $0 }) { usleep(1_000) }
        let damaged = Array(try Picture.quadrants.encoded(".jpg").dropLast(100))
        let error = failure(damaged)
        mayEnd.withLock { $0 = true }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("is damaged: ") == true)
    }
}

@Suite("a file that cannot hold its pixels", .timeLimit(.minutes(10))) struct BombTests {
    @Test(
        "PNM that is cut short is refused, however many pixels it announces",
        arguments: [
            "P3 14000 14000 255\n1 2 3", "P2 14000 14000 255\n", "P1 14000 14000\n1 0 1",
            "P6 14000 14000 255\n123",
            "P5 14000 14000 65535\n1234", "P4 14000 14000\n1", "P3 2 2 255\n1 2 3 4 5 6 7 8 9 10 11",
            "P3 2 2 255\n1 2 3 4 5 6 7 8 9 10 11 # 12", "P6 2 2 255\n12345678901",
            "P6 2 2 256\n12345678901234567890123",
            "P4 9 2\n123", "P1 3 1\n1 0", "P3 2000000000 2000000000 255\n1 2 3",
            "P6 2147483647 2147483647 4294967\n1", "P6 2147483647 2147483647 2147483647\n1",
        ])
    func pnm(text: String) {
        guard case .damaged(_, let reason) = failure(Array(text.utf8)) else {
            Issue.record("\(text) is taken")
            return
        }
        #expect(reason.contains("cut short") || reason.contains("cannot hold") || reason.contains("counted"))
    }

    @Test(
        "PNM whose header or values are no numbers is refused",
        arguments: [
            "P3 2 x 255\n", "P3 2 2 255\n1 2 3 4 5 6 7 8 9 10 11 x", "P2 2 1 255\n1 -2", "P2 2 1 255\n1 2x ",
            "P3 0 2 255\n1 2 3", "P2 1 1 0\n1", "P3 99999999999999999999 1 255\n1 2 3", "P3 ", "P2 1 1 255",
        ])
    func pnmNumbers(text: String) {
        guard case .damaged = failure(Array(text.utf8)) else {
            Issue.record("\(text) is taken")
            return
        }
    }

    @Test(
        "PNM with comments, and with just as many bytes as it needs, is read",
        arguments: [
            "P3 2 1 255\n1 2 3 # grey\n4 5 6", "P2 2 1 255\n1 2", "P1 2 1\n1 0", "P6 2 1 255\n123456",
            "P5\n# a\n# b\n2 2\n255\n1234", "P4 9 2\n1234", "P5 2 1 65535\n1234", "P3 1 1 255\n\t7\r\n8  9\n",
        ])
    func wholePNM(text: String) {
        #expect(failure(Array(text.utf8)) == nil)
    }

    @Test("a picture patched to a hundred times its size is refused before its pixels are allocated")
    func patched() throws {
        func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        // 0x36b0 is 14,000. A WebP without loss has 14 bits each for width less one and height less one.
        let stream: [UInt8] = [0x2f] + little(13_999 | 13_999 << 14 | 1 << 28) + [0, 0x88, 0x88, 8]
        let chunk = Array("VP8L".utf8) + little(stream.count) + stream + [0]
        let webp = Array("RIFF".utf8) + little(4 + chunk.count) + Array("WEBP".utf8) + chunk
        var jpeg = try Picture.quadrants.encoded(".jpg")
        let frame = try #require(jpeg.firstRange(of: [0xff, 0xc0])?.lowerBound)
        jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0x36, 0xb0, 0x36, 0xb0])
        var gif = try Picture.quadrants.encoded(".gif")
        let image = try #require(gif.firstRange(of: [0x2c, 0, 0, 0, 0])?.upperBound)
        for place in [6, image] { gif.replaceSubrange(place..<place + 4, with: [0xb0, 0x36, 0xb0, 0x36]) }
        let header: [UInt8] = [0, 0, 0x36, 0xb0, 0, 0, 0x36, 0xb0, 8, 2, 0, 0, 0]
        let png = Array(try Picture.quadrants.encoded(".png"))
        let bombs = [webp, jpeg, gif, png[..<8] + pngChunk("IHDR", header) + png[33...]]
        for bomb in bombs {
            #expect(
                failure(bomb)
                    == .tooFewBytes(name: "some.jpg", bytes: bomb.count, width: 14_000, height: 14_000))
        }
    }

    @Test("a flat picture of a size that harms nobody is read, however few bytes it takes")
    func flat() throws {
        let flat = Picture(
            width: 1_500, height: 1_500, bands: 3, samples: [UInt8](repeating: 9, count: 6_750_000))
        for suffix in [".webp[lossless]", ".png", ".jpg", ".tif[compression=deflate]"] {
            #expect(failure(try flat.encoded(suffix)) == nil, "\(suffix)")
        }
    }
}

@Suite("BMP, JPEG 2000 and JPEG XL") struct RareFormatTests {
    private func decode(_ bytes: [UInt8]) throws -> Photo { try Photo(.bytes(bytes, name: "some.bmp")) }

    @Test("a BMP gives back every pixel, from the bottom or from the top")
    func bmp() throws {
        try #require(PhotoFormat.bmp.isReadable)
        #expect(try largestDifference(decode(BMPParts.file(.quadrants)), .quadrants) == 0)
        #expect(try largestDifference(decode(BMPParts.file(.quadrants, topDown: true)), .quadrants) == 0)
        let odd = Picture(width: 3, height: 2, bands: 3, samples: (0..<18).map { UInt8($0 * 14) })
        #expect(try largestDifference(decode(BMPParts.file(odd)), odd) == 0)
    }

    @Test("a BMP of runs is read to its end mark, and refused without it")
    func runs() throws {
        let red: [UInt8] = [255, 0, 0], blue: [UInt8] = [0, 0, 255]
        let header = BMPParts.header(width: 4, height: 2, bits: 8, packing: 1, colours: [red, blue])
        // The lower row blue; the upper one red, red, blue, blue as they are.
        let runs: [UInt8] = [4, 1, 0, 0, 0, 4, 0, 0, 1, 1, 0, 0, 0, 1]
        #expect(try decode(header + runs).pixels == red + red + blue + blue + blue + blue + blue + blue)
        for end in 0..<runs.count {
            #expect(failure(header + runs[..<end])?.kind == .badData, "\(end)")
        }
    }

    @Test("a BMP that is cut short, or whose numbers make no sense, is refused")
    func damagedBMP() {
        let whole = BMPParts.file(.quadrants)
        for end in [18, 30, 54, 100, whole.count - 1] {
            #expect(failure(Array(whole[..<end]))?.kind == .badData, "\(end)")
        }
        for (width, height) in [
            (0, 5), (-3, 5), (5, 0), (14_000, 14_000), (0x7fff_ffff, 0x7fff_ffff), (5, -0x8000_0000),
        ] {
            #expect(
                failure(BMPParts.header(width: width, height: height, bits: 24) + [1, 2, 3])?.kind == .badData,
                "\(width)x\(height)")
        }
        for bits in [0, 7, 64, 65_535] {
            let noise = [UInt8](repeating: 7, count: 200_000)
            #expect(
                failure(BMPParts.header(width: 5, height: 5, bits: bits) + noise)?.kind == .badData, "\(bits)")
        }
    }

    @Test("JPEG 2000 and JPEG XL give back every pixel", arguments: [".jp2[lossless]", ".jxl[lossless]"])
    func lossless(suffix: String) throws {
        guard let bytes = try? Picture.quadrants.encoded(suffix) else {
            try Test.cancel("this machine has no encoder for \(suffix)")
        }
        #expect(try largestDifference(decode(bytes), .quadrants) == 0)
        let grey = Picture.quadrants.map(bands: 1) { [$0[$0.startIndex]] }
        #expect(
            try largestDifference(decode(grey.encoded(suffix)), grey.map(bands: 3) { Array($0) + $0 + $0 }) == 0
        )
    }
}
