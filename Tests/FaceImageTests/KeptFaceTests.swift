import Foundation
import TestSupport
import Testing

@testable import FaceImage

@Suite("A face that is kept") struct KeptFaceTests {
    /// A smooth photo without two equal parts.
    private static func photo(_ width: Int, _ height: Int) -> Photo {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let (u, v) = (Double(x) / 9, Double(y) / 11)
                pixels += [sin(u) + cos(v), sin(u + v), cos(u - v / 2)].map { UInt8(128 + 55 * $0) }
            }
        }
        return Photo(name: "waves", width: width, height: height, pixels: pixels)
    }

    /// A face whose eyes are `eyes` pixels apart, its head tilted, by YuNet's points.
    private static func face(eyes: Double, roll: Double, at middle: Landmark) -> Face {
        let scale = eyes / FaceTemplate.arcFace.points[0].distance(to: FaceTemplate.arcFace.points[1])
        let angle = roll * .pi / 180
        let (a, b) = (scale * cos(angle), scale * sin(angle))
        let transform = SimilarityTransform(
            a: a, b: b, dx: middle.x - 56 * (a - b), dy: middle.y - 56 * (a + b))
        let size = Int(eyes * 2.4)
        return Face(
            box: FaceBox(
                x: Int(middle.x) - size / 2, y: Int(middle.y) - size * 5 / 8, width: size, height: size * 5 / 4),
            score: 0.9, landmarks: FaceTemplate.arcFace.points.map { transform($0) }, scheme: .eyesNoseAndMouth,
            quality: FaceQuality(size: size, sharpness: 0, yaw: 0, roll: roll))
    }

    private static let alignments: [FaceAlignment] = [
        .template(.arcFace), .dlib(side: 150, padding: 0.25), .box(side: 96, padding: 0.2),
    ]

    private static func chip(_ face: Face, _ photo: Photo, _ alignment: FaceAlignment) throws -> FaceChip {
        let finding = Finding(
            box: face.box, score: face.score, landmarks: face.landmarks, scheme: face.scheme)
        return try #require(try alignment.chip(of: finding, from: photo))
    }

    private static func difference(_ one: FaceChip, _ other: FaceChip) -> Double {
        let sum = zip(one.pixels, other.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        return Double(sum) / Double(one.pixels.count)
    }

    @Test(
        "gives every alignment the chip that the photo gives, but for what JPEG and a reduction change",
        arguments: [(30.0, 0.0), (30, 40), (42, -20), (80, 10), (200, 30)])
    func chips(eyes: Double, roll: Double) throws {
        let photo = Self.photo(1_300, 1_200)
        let face = Self.face(eyes: eyes, roll: roll, at: Landmark(x: 610.5, y: 560))
        let kept = try KeptFace(face, in: photo)
        #expect((16...KeptFace.mostSide).contains(kept.side))
        let picture = try kept.photo(name: "kept")
        let inPicture = Face(
            box: kept.box, score: 0, landmarks: kept.landmarks, scheme: kept.scheme, quality: face.quality)
        for alignment in Self.alignments {
            let (own, other) = (
                try Self.chip(face, photo, alignment), try Self.chip(inPicture, picture, alignment)
            )
            #expect(Self.difference(own, other) < 8, "\(alignment) \(Self.difference(own, other))")
            // Black lies where the photo ends, and this face is far from there.
            let black = stride(from: 0, to: other.pixels.count, by: 3).count {
                other.pixels[$0..<$0 + 3] == [0, 0, 0]
            }
            #expect(black == 0, "\(alignment)")
        }
    }

    @Test(
        "small enough, it is cut out of the photo's own pixels, and its points stay where they were to the pixel"
    )
    func ownPixels() throws {
        let photo = Self.photo(400, 300)
        let face = Self.face(eyes: 40, roll: 5, at: Landmark(x: 200, y: 150))
        let kept = try KeptFace(face, in: photo)
        let (dx, dy) = (face.box.x - kept.box.x, face.box.y - kept.box.y)
        #expect(kept.box.width == face.box.width && kept.box.height == face.box.height)
        for (point, place) in zip(kept.landmarks, face.landmarks) {
            #expect(abs(point.x + Double(dx) - place.x) < 1e-9 && abs(point.y + Double(dy) - place.y) < 1e-9)
        }
        let picture = try kept.photo(name: "kept")
        var sum = 0
        for y in 0..<kept.side {
            for x in 0..<kept.side where (0..<400).contains(x + dx) && (0..<300).contains(y + dy) {
                let (own, other) = (3 * (y * kept.side + x), 3 * ((y + dy) * 400 + x + dx))
                for channel in 0..<3 {
                    sum += abs(Int(picture.pixels[own + channel]) - Int(photo.pixels[other + channel]))
                }
            }
        }
        #expect(Double(sum) / Double(3 * kept.side * kept.side) < 2)
    }

    @Test(
        "of a photo that was taken whole is the photo, in its own proportions",
        arguments: [(640, 400), (90, 120), (48, 40)])
    func whole(width: Int, height: Int) throws {
        let photo = Self.photo(width, height)
        let face = try photo.wholeFace(side: 64)
        let kept = try KeptFace(face.face, in: photo)
        #expect(kept.isWholePhoto && kept.side <= KeptFace.mostSide)
        let picture = try kept.photo(name: "kept")
        #expect(abs(Double(picture.width) / Double(picture.height) - Double(width) / Double(height)) < 0.02)
        #expect(Self.difference(face.chip, try picture.wholeFace(side: 64).chip) < 6)
    }

    @Test("whose points coincide or lie far outside is cut all the same")
    func oddPoints() throws {
        let photo = Self.photo(100, 80)
        for points in [
            [Landmark](repeating: Landmark(x: 5, y: 5), count: 5),
            (0..<5).map { Landmark(x: Double($0) * 1e-9, y: 1e7) },
            (0..<5).map { Landmark(x: 50 + Double($0) * 1e-6, y: 40) },
        ] {
            var face = Self.face(eyes: 20, roll: 0, at: Landmark(x: 50, y: 40))
            face.landmarks = points
            let kept = try KeptFace(face, in: photo)
            #expect((16...KeptFace.mostSide).contains(kept.side))
        }
    }

    @Test("is decoded as a JPEG of its own size or not at all")
    func hostile() throws {
        let photo = Self.photo(200, 200)
        let face = Self.face(eyes: 30, roll: 0, at: Landmark(x: 100, y: 100))
        let kept = try KeptFace(face, in: photo)
        func decode(_ bytes: [UInt8], side: Int? = nil) throws(PhotoError) -> Photo {
            try KeptFace(
                side: side ?? kept.side, box: kept.box, landmarks: kept.landmarks, scheme: kept.scheme,
                jpeg: bytes
            ).photo(name: "the chip")
        }
        let png = try #require(FaceChip(side: 32, pixels: [UInt8](repeating: 7, count: 3 * 32 * 32)).png())
        let text = Array("P6\n32 32 255\n".utf8) + [UInt8](repeating: 7, count: 3 * 32 * 32)
        for bytes in [png, text, [], [0xFF, 0xD8, 0xFF], Array(kept.jpeg.prefix(kept.jpeg.count / 2))] {
            let error = #expect(throws: PhotoError.self) { try decode(bytes, side: 32) }
            #expect(error?.kind == .badData && error?.name == "the chip")
        }
        #expect(throws: PhotoError.self) { try decode(kept.jpeg, side: kept.side + 1) }
        #expect(throws: PhotoError.self) { try decode(kept.jpeg, side: kept.side - 1) }
        var random = SeededGenerator(seed: 12)
        for _ in 0..<300 {
            var bytes = kept.jpeg
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                bytes[Int.random(in: 2..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            if let picture = try? decode(bytes) { #expect(picture.width == kept.side) }
        }
    }
}
