import FaceImage
import Foundation
import TestSupport
import Testing

@Suite("a photo that is none", .timeLimit(.minutes(10))) struct HostilePhotoTests {
    /// What decoding `bytes` throws; nil when it decodes.
    private func failure(_ bytes: [UInt8], limits: DecodeLimits = .standard) -> PhotoError? {
        do throws(PhotoError) {
            _ = try Photo(.bytes(bytes, name: "some.jpg"), limits: limits)
            return nil
        } catch {
            return error
        }
    }

    /// A picture with so much in it that half a file of it is half a picture.
    private static let noise: Picture = {
        var state: UInt32 = 1
        return Picture(
            width: 200, height: 200, bands: 3,
            samples: (0..<120_000).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return UInt8(state >> 24)
            })
    }()

    @Test(
        "a truncated photo is refused by name, and says why",
        arguments: [
            ".jpg[Q=90]", ".jpg[Q=90,interlace]", ".png", ".png[interlace]", ".webp[lossless]", ".webp[Q=80]",
            ".tif",
            ".tif[compression=lzw]", ".ppm", ".gif", ".heic[Q=90]", ".avif[Q=90]", ".jp2[lossless]",
            ".jxl[lossless]",
        ])
    func truncated(suffix: String) throws {
        let whole: [UInt8]
        do {
            whole = try Self.noise.encoded(suffix)
        } catch let error as EncodingFailed
            where [".heic", ".avif", ".jp2[", ".jxl["].contains(suffix.prefix(5))
        {
            try Test.cancel("this machine has no encoder for \(suffix): \(error.reason)")
        }
        #expect(failure(whole) == nil)
        for part in [0.3, 0.6, 0.95] {
            let error = try #require(failure(Array(whole.prefix(Int(Double(whole.count) * part)))), "\(part)")
            guard case .damaged(let name, let reason) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(name == "some.jpg")
            #expect(!reason.isEmpty && reason != "no reason given" && !reason.contains("\n"), "\(reason)")
            #expect(error.kind == .badData)
            #expect(error.description.hasPrefix("some.jpg: is damaged: "))
        }
    }

    @Test("a header alone is refused", arguments: [".jpg", ".png", ".webp", ".tif", ".gif", ".ppm"])
    func headerOnly(suffix: String) throws {
        for count in [3, 8, 12, 20] {
            let bytes = Array(try Self.noise.encoded(suffix).prefix(count))
            #expect(failure(bytes)?.kind == .badData)
        }
    }

    @Test(
        "text, a script or a document is not a photo, whatever its name",
        arguments: [
            "hello\n", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "%PDF-1.4\n", "P7\n",
            "P5",
            "P6x", "push graphic-context\nviewbox 0 0 9 9\n", "BM", "RIFF0000WAVE", "....ftypisom", "GIF90a",
            "\0\0\0",
            "II", "MM\0*", "#define a_width 9\n",
        ])
    func lyingName(text: String) {
        let expected: PhotoError = .notAPhoto(name: "some.jpg")
        #expect(failure(Array(text.utf8)) == expected || text == "MM\0*")
        #expect(failure(Array(text.utf8))?.kind == .badData)
    }

    @Test("another format than the name says is decoded by what it is")
    func otherFormat() throws {
        #expect(failure(try Picture.quadrants.encoded(".png")) == nil)
    }

    @Test("a PNG of 60,000 x 60,000 is refused before a pixel is decoded")
    func enormous() throws {
        let header: [UInt8] = [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0]
        let bytes: [UInt8] =
            [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + pngChunk("IHDR", header)
            + pngChunk("IDAT", [0x78, 0x9c, 0x63, 0, 0]) + pngChunk("IEND", [])
        let error = failure(bytes)
        #expect(error == .tooManyPixels(name: "some.jpg", width: 60_000, height: 60_000, limit: 200_000_000))
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("60000x60000") == true)
    }

    @Test("the pixel limit is the last size that passes")
    func pixelLimit() throws {
        let bytes = try Picture.quadrants.encoded(".png")
        #expect(failure(bytes, limits: DecodeLimits(pixels: 48 * 32)) == nil)
        #expect(
            failure(bytes, limits: DecodeLimits(pixels: 48 * 32 - 1))
                == .tooManyPixels(name: "some.jpg", width: 48, height: 32, limit: 48 * 32 - 1))
    }

    @Test(
        "broken bytes anywhere end in a photo or an error, never in a crash",
        arguments: [".jpg", ".png", ".webp", ".tif", ".gif", ".ppm", ".pgm", ".jp2", ".jxl", ".heic", "bmp"])
    func flipped(suffix: String) throws {
        let bytes =
            suffix == "bmp" ? BMPParts.file(.quadrants) : try? Picture.quadrants.encoded(suffix, orientation: 6)
        guard let whole = bytes else { try Test.cancel("this machine has no encoder for \(suffix)") }
        var state: UInt32 = 7
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0..<4 {
                state = state &* 1_664_525 &+ 1_013_904_223
                bytes[Int(state >> 8) % bytes.count] = UInt8(truncatingIfNeeded: state >> 3)
            }
            if let error = failure(bytes, limits: DecodeLimits(pixels: 1_000_000, seconds: 5)) {
                #expect(error.kind == .badData)
            }
        }
    }

    @Test("a failure's reason is its own while other photos fail beside it")
    func ownReason() async throws {
        let truncated = Array(try Self.noise.encoded(".jpg").prefix(9_000))
        let wide: [UInt8] = Array("P6\n200 200\n255\n".utf8) + [1, 2, 3]
        let alone = (failure(truncated), failure(wide))
        await withTaskGroup(of: (Bool, PhotoError?).self) { group in
            for i in 0..<40 { group.addTask { (i % 2 == 0, self.failure(i % 2 == 0 ? truncated : wide)) } }
            for await (first, error) in group { #expect(error == (first ? alone.0 : alone.1)) }
        }
        #expect(alone.0 != alone.1)
    }
}
