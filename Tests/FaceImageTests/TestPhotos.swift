import CTestPhotos
import FaceImage
import Foundation
import TestSupport

/// A picture from which test photos are encoded: `bands` samples a pixel, row by row.
struct Picture {
    var width: Int
    var height: Int
    var bands: Int
    var samples: [UInt8]

    /// Four quadrants of different colours, the first with a gradient: no turn or mirror image looks alike.
    static let quadrants: Picture = {
        let (width, height) = (48, 32)
        var samples: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                switch (x < width / 2, y < height / 2) {
                case (true, true): samples += [UInt8(100 + 3 * x), 40, UInt8(60 + 2 * y)]
                case (false, true): samples += [20, 180, 30]
                case (true, false): samples += [30, 60, 220]
                case (false, false): samples += [240, 240, 80]
                }
            }
        }
        return Picture(width: width, height: height, bands: 3, samples: samples)
    }()

    /// Every pixel through `change`, which returns `bands` samples.
    func map(bands: Int, _ change: (ArraySlice<UInt8>) -> [UInt8]) -> Picture {
        let pixels = stride(from: 0, to: samples.count, by: self.bands)
        return Picture(
            width: width, height: height, bands: bands,
            samples: pixels.flatMap { change(samples[$0..<$0 + self.bands]) })
    }

    /// What a camera held in the way that EXIF `orientation` tells would have stored of this upright picture.
    ///
    /// By the standard's table: which edge of the upright picture the first stored row and column are.
    func stored(orientation: Int) -> Picture {
        let edges = [
            ("top", "left"), ("top", "right"), ("bottom", "right"), ("bottom", "left"), ("left", "top"),
            ("right", "top"), ("right", "bottom"), ("left", "bottom"),
        ]
        let (firstRow, firstColumn) = edges[orientation - 1]
        let sideways = firstRow == "left" || firstRow == "right"
        var turned = Picture(
            width: sideways ? height : width, height: sideways ? width : height, bands: bands, samples: [])
        for row in 0..<turned.height {
            for column in 0..<turned.width {
                var (x, y) = (0, 0)
                for (edge, distance) in [(firstRow, row), (firstColumn, column)] {
                    switch edge {
                    case "top": y = distance
                    case "bottom": y = height - 1 - distance
                    case "left": x = distance
                    default: x = width - 1 - distance
                    }
                }
                let at = (y * width + x) * bands
                turned.samples += samples[at..<at + bands]
            }
        }
        return turned
    }

    /// Encodes the picture; `suffix` is libvips's, such as `.jpg[Q=95]`.
    func encoded(_ suffix: String, orientation: Int = 0, ink: Bool = false) throws -> [UInt8] {
        let bytes = try unsafe samples.withUnsafeBytes { try unsafe encode($0, suffix, orientation, ink, 8) }
        return suffix == ".png" && orientation > 0 ? addingExif(orientation, toPng: bytes) : bytes
    }

    /// Encodes the picture with 16 bits a sample, each 8-bit value v as 257 v.
    func encodedWide(_ suffix: String) throws -> [UInt8] {
        let wide = samples.map { UInt16($0) * 257 }
        return try unsafe wide.withUnsafeBytes { try unsafe encode($0, suffix, 0, false, 16) }
    }

    private func encode(
        _ raw: UnsafeRawBufferPointer, _ suffix: String, _ orientation: Int, _ ink: Bool, _ bits: Int32
    ) throws -> [UInt8] {
        guard libraryHasStarted, let start = raw.baseAddress else { throw EncodingFailed(reason: "no start") }
        let picture = unsafe test_picture(
            samples: start, width: Int32(width), height: Int32(height), bands: Int32(bands), bits: bits,
            ink: ink ? 1 : 0, orientation: Int32(orientation))
        var count = 0
        var message = [CChar](repeating: 0, count: 512)
        let made = unsafe test_encode(picture, suffix, &count, &message, message.count)
        guard let made = unsafe made else {
            throw EncodingFailed(
                reason: String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            )
        }
        defer { unsafe test_free(made) }
        return unsafe [UInt8](UnsafeBufferPointer(start: made, count: count))
    }
}

/// Puts an `eXIf` chunk, which libvips does not write, behind a PNG's header.
private func addingExif(_ orientation: Int, toPng bytes: [UInt8]) -> [UInt8] {
    // Every other one in the other byte order.
    let value = UInt8(orientation)
    let exif: [UInt8] =
        orientation.isMultiple(of: 2)
        ? Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0]
        : Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]
    let afterHeader = 8 + 25
    return bytes[..<afterHeader] + pngChunk("eXIf", exif) + bytes[afterHeader...]
}

/// A chunk of a PNG: length, type, data, checksum.
func pngChunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    func big(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    let checked = Array(type.utf8) + data
    var sum = UInt32.max
    for byte in checked {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    return big(UInt32(data.count)) + checked + big(~sum)
}

struct EncodingFailed: Error { var reason: String }

/// Decoding starts libvips, which the encoder of these tests takes for granted.
private let libraryHasStarted: Bool = {
    (try? Photo(.bytes(Array("P5\n1 1\n255\n ".utf8), name: "start"))) != nil
}()

/// The largest difference between a photo's samples and a picture's; nil where their shapes differ.
func largestDifference(_ photo: Photo, _ picture: Picture) -> Int? {
    guard photo.width == picture.width, photo.height == picture.height,
        photo.pixels.count == picture.samples.count
    else { return nil }
    return zip(photo.pixels, picture.samples).map { abs(Int($0) - Int($1)) }.max()
}

/// The mean difference between a photo's samples and a picture's; nil where their shapes differ.
func meanDifference(_ photo: Photo, _ picture: Picture) -> Double? {
    guard photo.width == picture.width, photo.height == picture.height else { return nil }
    return Double(zip(photo.pixels, picture.samples).map { abs(Int($0) - Int($1)) }.reduce(0, +))
        / Double(picture.samples.count)
}

/// Models and photos that the project's setup fetches; tests that need them are skipped without.
enum Cache {
    static let landmarkModel = SetUpCache.file("detector/shape_predictor_5_face_landmarks.dat")

    static func photo(_ name: String) -> String { SetUpCache.file("photos/\(name)") }

    static var isThere: Bool {
        [landmarkModel, photo("obama.jpg"), photo("biden.jpg")]
            .allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }
}

/// What decoding throws; nil when it decodes.
func failure(
    _ bytes: [UInt8], limits: DecodeLimits = .standard,
    shouldStop: @escaping @Sendable () -> Bool = { false }
) -> PhotoError? {
    do throws(PhotoError) {
        _ = try Photo(.bytes(bytes, name: "some.jpg"), limits: limits, shouldStop: shouldStop)
        return nil
    } catch {
        return error
    }
}
