import FaceImage
import TestSupport
import Testing

@Suite("formats of photos") struct PhotoFormatTests {
    @Test("what an encoder writes is recognised by its first 64 bytes")
    func encoded() throws {
        let suffixes: [(String, PhotoFormat)] = [
            (".jpg", .jpeg), (".png", .png), (".webp", .webP), (".tif", .tiff), (".tif[bigtiff]", .tiff),
            (".gif", .gif),
            (".ppm", .pnm), (".pgm", .pnm), (".jp2", .jpeg2000), (".jxl", .jpegXL), (".heic", .heif),
            (".avif", .heif),
        ]
        for (suffix, format) in suffixes where format.isReadable {
            guard let bytes = try? Picture.quadrants.encoded(suffix) else { continue }
            #expect(PhotoFormat.of(firstBytes: bytes.prefix(PhotoFormat.headLength)) == format, "\(suffix)")
            #expect(PhotoFormat.of(firstBytes: bytes) == format, "\(suffix)")
        }
    }

    @Test(
        "the brand of a HEIF file may be a camera maker's own, if a compatible one is standard",
        arguments: [
            ("\0\0\0\u{18}ftypheix\0\0\0\0mif1heix", true), ("\0\0\0\u{18}ftypMiHE\0\0\0\0mif1heic", true),
            ("\0\0\0\u{14}ftypcamr\0\0\0\0heic", true), ("\0\0\0\u{18}ftypavif\0\0\0\0avifmif1", true),
            ("\0\0\0\u{18}ftypisom\0\0\0\0isommp42", false), ("\0\0\0\u{10}ftypqt  \0\0\0\0heic", false),
            ("\0\0\0\u{14}ftypqt  \0\0\0\0he", false),
        ])
    func brands(head: String, isPhoto: Bool) {
        #expect((PhotoFormat.of(firstBytes: head.utf8) == .heif) == isPhoto)
    }

    @Test("JPEG 2000, JPEG XL and BMP are told from texts that begin alike")
    func rareFormats() {
        let box: (String) -> [UInt8] = { [0, 0, 0, 12] + Array($0.utf8) + [0x0d, 0x0a, 0x87, 0x0a] }
        #expect(PhotoFormat.of(firstBytes: box("jP  ")) == .jpeg2000)
        #expect(PhotoFormat.of(firstBytes: box("JXL ")) == .jpegXL)
        #expect(PhotoFormat.of(firstBytes: box("jpxx")) == nil)
        #expect(PhotoFormat.of(firstBytes: [0xff, 0x4f, 0xff, 0x51, 0]) == .jpeg2000)
        #expect(PhotoFormat.of(firstBytes: [0xff, 0x0a, 0, 0]) == .jpegXL)
        let bitmap: [UInt8] = Array("BM".utf8) + [58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]
        #expect(PhotoFormat.of(firstBytes: bitmap) == .bmp)
        for end in 0..<bitmap.count { #expect(PhotoFormat.of(firstBytes: bitmap.prefix(end)) == nil) }
        #expect(PhotoFormat.of(firstBytes: "BMW and other makers of cars".utf8) == nil)
        #expect(PhotoFormat.of(firstBytes: "BM\0\0\0\0\0\0\0\0\0\0\0\0\u{29}\0\0\0".utf8) == nil)
    }

    @Test("no bytes, texts and documents are of no format")
    func others() {
        #expect(PhotoFormat.of(firstBytes: []) == nil)
        for text in ["%PDF-1.7", "<svg/>", "P7\n", "P5", "GIF90a", "MM\0", "RIFF0000WAVE"] {
            #expect(PhotoFormat.of(firstBytes: text.utf8) == nil, "\(text)")
        }
    }

    @Test("the formats every Debian machine reads are listed, each once")
    func readable() {
        for format in [PhotoFormat.jpeg, .png, .webP, .tiff, .gif, .pnm] {
            #expect(format.isReadable)
            #expect(PhotoFormat.readableNames.contains(format.name))
        }
        #expect(Set(PhotoFormat.readable).count == PhotoFormat.readable.count)
    }
}
