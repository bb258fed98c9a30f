import FaceImage
import Testing

@Suite("decoding a photo") struct DecodingTests {
    private func decode(_ bytes: [UInt8], _ name: String = "test") throws -> Photo {
        try Photo(.bytes(bytes, name: name))
    }

    @Test("lossless formats give back every pixel", arguments: [".png", ".webp[lossless]", ".tif", ".ppm"])
    func lossless(suffix: String) throws {
        let photo = try decode(Picture.quadrants.encoded(suffix), suffix)
        #expect(largestDifference(photo, .quadrants) == 0)
        #expect(photo.name == suffix)
    }

    @Test(
        "lossy formats give back the picture",
        arguments: [
            ".jpg[Q=95]", ".webp[Q=95]", ".tif[compression=jpeg,Q=95]", ".avif[Q=90]", ".heic[Q=90]", ".gif",
        ])
    func lossy(suffix: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try Picture.quadrants.encoded(suffix)
        } catch let error as EncodingFailed where suffix.hasPrefix(".heic") || suffix.hasPrefix(".avif") {
            try Test.cancel("this machine has no encoder for \(suffix): \(error.reason)")
        }
        let difference = try #require(try meanDifference(decode(bytes), .quadrants))
        #expect(difference < 4)
    }

    @Test(
        "all eight orientations come out upright", arguments: 1...8,
        [".png", ".tif", ".jpg[Q=98]", ".webp[lossless]"])
    func orientation(orientation: Int, suffix: String) throws {
        let bytes = try Picture.quadrants.stored(orientation: orientation)
            .encoded(suffix, orientation: orientation)
        let difference = try #require(try meanDifference(decode(bytes), .quadrants))
        #expect(difference < (suffix.hasPrefix(".jpg") ? 3 : 0.001))
    }

    @Test("a HEIC is turned by its own box alone, as its standard says, and not again by EXIF")
    func heicOrientation() throws {
        let bytes: [UInt8]
        do {
            bytes = try Picture.quadrants.encoded(".heic[Q=90]", orientation: 6)
        } catch let error as EncodingFailed {
            try Test.cancel("this machine has no encoder for HEIC: \(error.reason)")
        }
        let difference = try #require(try meanDifference(decode(bytes), .quadrants))
        #expect(difference < 4)
    }

    @Test("an orientation out of range changes nothing", arguments: [9, 77])
    func unknownOrientation(orientation: Int) throws {
        let strange = try decode(Picture.quadrants.encoded(".png", orientation: orientation))
        #expect(largestDifference(strange, .quadrants) == 0)
    }

    @Test("grey becomes three equal channels, upright too", arguments: 1...8)
    func grey(orientation: Int) throws {
        let grey = Picture.quadrants.map(bands: 1) { [$0[$0.startIndex]] }
        let bytes = try grey.stored(orientation: orientation).encoded(".png", orientation: orientation)
        #expect(try largestDifference(decode(bytes), grey.map(bands: 3) { Array($0) + $0 + $0 }) == 0)
    }

    @Test("transparent pixels lie on white", arguments: [".png", ".webp[lossless]", ".tif"])
    func alpha(suffix: String) throws {
        var opaque = true
        let clear = Picture.quadrants.map(bands: 4) { pixel in
            opaque.toggle()
            return Array(pixel) + [opaque ? 255 : 0]
        }
        opaque = true
        let expected = Picture.quadrants.map(bands: 3) { pixel in
            opaque.toggle()
            return opaque ? Array(pixel) : [255, 255, 255]
        }
        #expect(try largestDifference(decode(clear.encoded(suffix)), expected) == 0)
    }

    @Test("grey with alpha lies on white")
    func greyAlpha() throws {
        let clear = Picture.quadrants.map(bands: 2) { [$0[$0.startIndex], 0] }
        #expect(try decode(clear.encoded(".png")).pixels.allSatisfy { $0 == 255 })
    }

    @Test("16 bits become 8", arguments: [".png", ".tif", ".ppm"])
    func sixteenBits(suffix: String) throws {
        #expect(try largestDifference(decode(Picture.quadrants.encodedWide(suffix)), .quadrants) == 0)
        let grey = Picture.quadrants.map(bands: 1) { [$0[$0.startIndex]] }
        let bytes = try grey.encodedWide(suffix == ".ppm" ? ".pgm" : suffix)
        #expect(try largestDifference(decode(bytes), grey.map(bands: 3) { Array($0) + $0 + $0 }) == 0)
    }

    @Test("16 bits with alpha lie on white")
    func sixteenBitsAlpha() throws {
        let clear = Picture.quadrants.map(bands: 4) { Array($0) + [0] }
        #expect(try decode(clear.encodedWide(".png")).pixels.allSatisfy { $0 == 255 })
    }

    @Test(
        "PNM of any depth is as bright as it says",
        arguments: [
            ("P5\n2 1\n1023\n", [0x03, 0xff, 0x02, 0x00] as [UInt8]),
            ("P5\n# a comment\n2 1 255\n", [255, 128]),
            ("P5 2 1 100\n", [100, 50]), ("P2\n2 1\n100\n100 50\n", []),
            ("P2\n2 1\n# 9\n4000\n4000 2000\n", []),
        ])
    func depth(header: String, data: [UInt8]) throws {
        let photo = try decode(Array(header.utf8) + data)
        #expect(photo.pixels[0] == 255)
        #expect(abs(Int(photo.pixels[3]) - 128) <= 1)
    }

    @Test("a bitmap is black on white")
    func bitmap() throws {
        #expect(try decode(Array("P1\n2 1\n1 0\n".utf8)).pixels == [0, 0, 0, 255, 255, 255])
    }

    @Test("CMYK becomes the colours it prints", arguments: [".jpg[Q=100]", ".tif"])
    func ink(suffix: String) throws {
        let sheets: [([UInt8], (UInt8, UInt8, UInt8) -> Bool)] = [
            ([0, 0, 0, 0], { r, g, b in r > 245 && g > 245 && b > 245 }),
            ([0, 0, 0, 255], { r, g, b in r < 60 && g < 60 && b < 60 }),
            ([255, 0, 0, 0], { r, g, b in r < 60 && g > 100 && b > 180 }),
            ([0, 0, 255, 0], { r, g, b in r > 220 && g > 200 && b < 80 }),
        ]
        for (inks, isRight) in sheets {
            let sheet = Picture(
                width: 16, height: 16, bands: 4, samples: (0..<256).flatMap { _ in inks })
            let pixels = try decode(sheet.encoded(suffix, ink: true)).pixels
            #expect(isRight(pixels[0], pixels[1], pixels[2]), "\(inks) became \(pixels.prefix(3))")
        }
    }

    @Test("of an animation the first picture is decoded")
    func animation() throws {
        // Two frames of one pixel: red, then blue.
        func frame(_ code: UInt8) -> [UInt8] { [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, code, 1, 0] }
        let header: [UInt8] = Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0]
        let photo = try decode(header + [255, 0, 0, 0, 0, 255] + frame(0x44) + frame(0x4c) + [0x3b])
        #expect(photo.width == 1 && photo.height == 1)
        #expect(photo.pixels == [255, 0, 0])
    }

    @Test("one pixel, one row and one column are photos", arguments: [(1, 1), (5_000, 1), (1, 5_000)])
    func thin(width: Int, height: Int) throws {
        let picture = Picture(
            width: width, height: height, bands: 3, samples: [UInt8](repeating: 9, count: 3 * width * height))
        #expect(try largestDifference(decode(picture.encoded(".png")), picture) == 0)
    }

    @Test("many threads decode as one does")
    func threads() async throws {
        let bytes = try Picture.quadrants.encoded(".jpg[Q=90]")
        let alone = try decode(bytes)
        try await withThrowingTaskGroup(of: Photo.self) { group in
            for _ in 0..<64 { group.addTask { try Photo(.bytes(bytes, name: "test")) } }
            for try await photo in group { #expect(photo == alone) }
        }
    }
}
