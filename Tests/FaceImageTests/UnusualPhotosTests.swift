import FaceImage
import Testing

/// Photos that scanners, cameras and programs write, and few readers are tried with.
@Suite("unusual photos") struct UnusualPhotosTests {
    private func decode(_ bytes: [UInt8]) throws -> Photo { try Photo(.bytes(bytes, name: "test")) }

    private func failure(_ bytes: [UInt8]) -> PhotoError? {
        do throws(PhotoError) { _ = try Photo(.bytes(bytes, name: "test")) } catch { return error }
        return nil
    }

    // MARK: orientation of PNGs

    private static func exif(_ orientation: UInt8, type: UInt8 = 3) -> [UInt8] {
        Array("II".utf8) + [
            42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, type, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0,
        ]
    }

    private static func xmp(_ orientation: Int, asElement: Bool = false) -> [UInt8] {
        let value =
            asElement
            ? "><tiff:Orientation>\(orientation)</tiff:Orientation></rdf:Description>"
            : " tiff:Orientation=\"\(orientation)\"/>"
        return Array(
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF><rdf:Description\(value)</rdf:RDF></x:xmpmeta>".utf8
        )
    }

    /// A profile as ImageMagick writes it: its name, its length, and hexadecimal digits in lines of 72.
    private static func digits(_ kind: String, _ bytes: [UInt8]) -> [UInt8] {
        let all = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let lines = stride(from: 0, to: all.count, by: 36).map { all[$0..<min(all.count, $0 + 36)].joined() }
        return Array("\n\(kind)\n      \(bytes.count)\n\(lines.joined(separator: "\n"))\n".utf8)
    }

    private static let space = Array("http://ns.adobe.com/xap/1.0/".utf8) + [0]

    /// Chunks that each say 6.
    private static let chunks: [(name: String, chunk: [UInt8])] = [
        ("eXIf", pngChunk("eXIf", exif(6))),
        ("eXIf as JPEG has it", pngChunk("eXIf", Array("Exif".utf8) + [0, 0] + exif(6))),
        ("eXIf with a long", pngChunk("eXIf", exif(6, type: 4))),
        (
            "tEXt exif",
            pngChunk(
                "tEXt",
                Array("Raw profile type exif".utf8) + [0]
                    + digits("exif", Array("Exif".utf8) + [0, 0] + exif(6)))
        ),
        (
            "zTXt exif",
            pngChunk(
                "zTXt", Array("Raw profile type exif".utf8) + [0, 0] + zlibStored(digits("exif", exif(6))))
        ),
        (
            "zTXt APP1",
            pngChunk(
                "zTXt",
                Array("Raw profile type APP1".utf8) + [0, 0]
                    + zlibStored(digits("generic profile", Array("Exif".utf8) + [0, 0] + exif(6))))
        ),
        (
            "zTXt APP1 with XMP",
            pngChunk(
                "zTXt",
                Array("Raw profile type APP1".utf8) + [0, 0] + zlibStored(digits("app1", space + xmp(6))))
        ),
        (
            "zTXt xmp",
            pngChunk("zTXt", Array("Raw profile type xmp".utf8) + [0, 0] + zlibStored(digits("xmp", xmp(6))))
        ),
        (
            "iTXt exif",
            pngChunk("iTXt", Array("Raw profile type exif".utf8) + [0, 0, 0, 0, 0] + digits("exif", exif(6)))
        ),
        ("XMP attribute", pngChunk("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + xmp(6))),
        (
            "XMP element",
            pngChunk("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + xmp(6, asElement: true))
        ),
        (
            "packed XMP",
            pngChunk(
                "iTXt",
                Array("XML:com.adobe.xmp".utf8) + [0, 1, 0] + Array("en".utf8) + [0, 0] + zlibStored(xmp(6)))
        ),
    ]

    private static func png(_ chunks: [UInt8], orientation: Int, atEnd: Bool) throws -> [UInt8] {
        let bytes = try Picture.quadrants.stored(orientation: orientation).encoded(".png")
        let place = atEnd ? bytes.count - 12 : 33
        return bytes[..<place] + chunks + bytes[place...]
    }

    @Test(
        "a PNG is put upright by each place that programs write its orientation to", arguments: chunks.indices,
        [false, true])
    func pngOrientation(index: Int, atEnd: Bool) throws {
        let (name, chunk) = Self.chunks[index]
        #expect(
            try largestDifference(decode(Self.png(chunk, orientation: 6, atEnd: atEnd)), .quadrants) == 0,
            "\(name)")
    }

    @Test("of several orientations that of EXIF counts, and one that makes no sense is none")
    func pngPrecedence() throws {
        let xmp = pngChunk("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + Self.xmp(3))
        let exif = pngChunk("eXIf", Self.exif(6))
        #expect(
            try largestDifference(decode(Self.png(xmp + exif, orientation: 6, atEnd: false)), .quadrants) == 0)
        for nonsense in [
            pngChunk("eXIf", Self.exif(0)), pngChunk("eXIf", [1, 2]), pngChunk("eXIf", Self.exif(6, type: 2)),
        ] {
            #expect(
                try largestDifference(
                    decode(Self.png(nonsense + xmp, orientation: 3, atEnd: false)), .quadrants) == 0)
        }
        let broken = pngChunk("zTXt", Array("Raw profile type exif".utf8) + [0, 0, 0x78, 0x01, 9, 9, 9])
        #expect(try largestDifference(decode(Self.png(broken, orientation: 1, atEnd: false)), .quadrants) == 0)
        for value in [0, 9, 61] {
            let strange = pngChunk("iTXt", Array("XML:com.adobe.xmp".utf8) + [0, 0, 0, 0, 0] + Self.xmp(value))
            #expect(
                try largestDifference(decode(Self.png(strange, orientation: 1, atEnd: false)), .quadrants) == 0)
        }
    }

    // MARK: which picture of a TIFF

    private static func plain(_ value: UInt8, side: Int, kind: Int? = nil) -> TIFFParts.Directory {
        TIFFParts.picture(
            width: side, height: side, pixels: [UInt8](repeating: value, count: 3 * side * side),
            more: kind.map { [(254, [$0])] } ?? [])
    }

    @Test("a preview in a TIFF is not taken for its picture")
    func preview() throws {
        let behind = try decode(
            TIFFParts.file([Self.plain(9, side: 4, kind: 1), Self.plain(200, side: 16, kind: 0)]))
        #expect(behind.width == 16 && behind.pixels.allSatisfy { $0 == 200 })
        var preview = Self.plain(9, side: 4, kind: 1)
        preview.inner = [Self.plain(7, side: 5, kind: 1), Self.plain(200, side: 16, kind: 0)]
        let below = try decode(TIFFParts.file([preview]))
        #expect(below.width == 16 && below.pixels.allSatisfy { $0 == 200 })
        let first = try decode(TIFFParts.file([Self.plain(200, side: 16), Self.plain(9, side: 4, kind: 1)]))
        #expect(first.width == 16)
        // A page of many is the first, as everywhere.
        let pages = try decode(
            TIFFParts.file([Self.plain(200, side: 16, kind: 2), Self.plain(9, side: 20, kind: 2)]))
        #expect(pages.width == 16)
        // Where there is nothing but a preview, that is the picture.
        #expect(try decode(TIFFParts.file([Self.plain(200, side: 16, kind: 1)])).width == 16)
    }

    @Test("a camera's raw file is refused by that name, whichever of its pictures would be readable")
    func cameraRaw() throws {
        var nikon = Self.plain(9, side: 4, kind: 1)
        nikon.inner = [
            TIFFParts.picture(
                width: 8, height: 8, channels: 1, meaning: 32_803, pixels: [UInt8](repeating: 7, count: 64),
                more: [(254, [0])])
        ]
        #expect(failure(TIFFParts.file([nikon])) == .cameraRaw(name: "test"))
        var dng = Self.plain(9, side: 4)
        dng.entries.append((50_706, [0x0401]))
        #expect(failure(TIFFParts.file([dng])) == .cameraRaw(name: "test"))
        var sony = Self.plain(9, side: 4)
        sony.entries[3] = (259, [32_767])
        #expect(failure(TIFFParts.file([Self.plain(9, side: 4, kind: 1), sony])) == .cameraRaw(name: "test"))
    }

    // MARK: pixels

    @Test("floating-point, signed and too many channels are refused as what they are")
    func unusualPixels() throws {
        let float = TIFFParts.picture(
            width: 4, height: 4, channels: 1, bits: 32, meaning: 1, pixels: [UInt8](repeating: 0, count: 64),
            more: [(339, [3])])
        let signed = TIFFParts.picture(
            width: 4, height: 4, channels: 1, bits: 16, meaning: 1, pixels: [UInt8](repeating: 0, count: 32),
            more: [(339, [2])])
        let five = TIFFParts.picture(
            width: 4, height: 4, channels: 5, pixels: [UInt8](repeating: 0, count: 80), more: [(338, [0, 0])])
        for (picture, word) in [
            (float, "floating-point"), (signed, "below and above zero"), (five, "5 channels"),
        ] {
            let error = failure(TIFFParts.file([picture]))
            guard case .unusualPixels = error else {
                Issue.record("\(word): \(error.map { "\($0)" } ?? "read")")
                continue
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(word))
        }
    }

    @Test("a channel that is no transparency changes no pixel; one that is does")
    func extraChannel() throws {
        let pixels = [UInt8]((0..<16).flatMap { _ in [200, 100, 50, 0] })
        func photo(_ meaning: Int) throws -> Photo {
            try decode(
                TIFFParts.file([
                    TIFFParts.picture(
                        width: 4, height: 4, channels: 4, pixels: pixels, more: [(338, [meaning])])
                ]))
        }
        #expect(Array(try photo(0).pixels.prefix(3)) == [200, 100, 50])
        #expect(Array(try photo(2).pixels.prefix(3)) == [255, 255, 255])
        let grey = TIFFParts.picture(
            width: 4, height: 4, channels: 2, meaning: 1, pixels: [UInt8]((0..<16).flatMap { _ in [90, 0] }),
            more: [(338, [0])])
        #expect(try decode(TIFFParts.file([grey])).pixels.allSatisfy { $0 == 90 })
    }

    @Test("L*a*b* becomes the colours it names")
    func lab() throws {
        // L from 0 to 255 is 0 to 100; a and b are signed.
        for (lab, isRight): ([UInt8], (Int, Int, Int) -> Bool) in [
            ([255, 0, 0], { r, g, b in min(r, g, b) > 245 }), ([0, 0, 0], { r, g, b in max(r, g, b) < 10 }),
            ([136, 80, 67], { r, g, b in r > 220 && g < 60 && b < 60 }),
        ] {
            let sheet = TIFFParts.picture(
                width: 16, height: 16, meaning: 8, pixels: (0..<256).flatMap { _ in lab })
            let pixels = try decode(TIFFParts.file([sheet])).pixels
            #expect(
                isRight(Int(pixels[0]), Int(pixels[1]), Int(pixels[2])), "\(lab) became \(pixels.prefix(3))")
        }
    }

    // MARK: JPEG without an end

    @Test(
        "a JPEG that lacks only its end marker is read, one that lacks pixels is refused",
        arguments: ["", ",interlace"])
    func withoutEnd(options: String) throws {
        let bytes = try Picture.quadrants.encoded(".jpg[Q=95\(options)]")
        let whole = try decode(bytes)
        for missing in [1, 2] {
            #expect(try decode(Array(bytes.dropLast(missing))).pixels == whole.pixels, "\(missing) bytes")
        }
        if options.isEmpty {
            for missing in [60, bytes.count / 3] {
                guard case .damaged(_, let reason) = failure(Array(bytes.dropLast(missing))) else {
                    Issue.record("without \(missing) bytes it is read")
                    continue
                }
                #expect(reason.contains("cut short"))
            }
        }
    }
}
