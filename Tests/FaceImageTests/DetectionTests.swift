import CTestPhotos
import FaceImage
import Foundation
import TestSupport
import Testing

/// One detector for all tests, as a program would have it.
private let shared = Result { try FaceDetector(landmarkModel: Cache.landmarkModel) }

@Suite("finding faces", .enabled(if: Cache.isThere)) struct DetectionTests {
    private func portrait(_ name: String) throws -> Photo { try Photo(.path(Cache.photo(name))) }

    @Test(
        "a portrait has one face, whose box, landmarks and figures make sense",
        arguments: ["obama.jpg", "biden.jpg"])
    func portrait(name: String) throws {
        let photo = try portrait(name)
        let faces = try shared.get().faces(in: photo)
        try #require(faces.count == 1)
        let face = faces[0].face
        #expect(face.box.x > 0 && face.box.y > 0)
        #expect(face.box.x + face.box.width < photo.width && face.box.y + face.box.height < photo.height)
        #expect(face.score > 0.5)
        #expect(face.quality.size == min(face.box.width, face.box.height))
        #expect(face.quality.sharpness > 30)
        #expect(abs(face.quality.yaw) < 30 && abs(face.quality.roll) < 15)
        try #require(face.landmarks.count == 5)
        let x = face.landmarks.map(\.x)
        // Outer and inner corners from right to left, the nose between the eyes and below them.
        #expect(x[0] > x[1] && x[1] > x[3] && x[3] > x[2] && x[4] > x[3] && x[4] < x[1])
        #expect(face.landmarks[..<4].allSatisfy { $0.y < face.landmarks[4].y })
        #expect(faces[0].chip.side == 150)
        #expect(faces[0].chip.pixels.count == 3 * 150 * 150)
    }

    @Test("a chip holds the eyes where dlib's networks expect them", arguments: ["obama.jpg", "biden.jpg"])
    func alignment(name: String) throws {
        let chip = try #require(try shared.get().faces(in: portrait(name)).first).chip
        let again = Photo(name: "chip", width: chip.side, height: chip.side, pixels: chip.pixels)
        let face = try #require(try shared.get().faces(in: again).first).face
        // dlib's mean face in a chip of 150 pixels with a padding of 0.25: the middle of each eye's corners.
        let expected = [(100.28, 47.12), (47.73, 47.14)]
        for (eye, (x, y)) in expected.enumerated() {
            let (outer, inner) = (face.landmarks[2 * eye], face.landmarks[2 * eye + 1])
            #expect(abs((outer.x + inner.x) / 2 - x) < 2.5)
            #expect(abs((outer.y + inner.y) / 2 - y) < 2.5)
        }
        #expect(abs(face.quality.roll) < 4)
    }

    @Test("a lone face of 44 pixels is found")
    func small() throws {
        let photo = try portrait("obama.jpg")
        let size = try #require(try shared.get().faces(in: photo).first).face.quality.size
        let small = scaled(photo, by: 44 / Double(size))
        let face = try #require(try shared.get().faces(in: small).first).face
        #expect(abs(face.quality.size - 44) < 10)
    }

    @Test("a photo of 12 megapixels takes less than a second, and its face has the full resolution")
    func large() throws {
        let photo = try portrait("obama.jpg")
        let original = try #require(try shared.get().faces(in: photo).first).face
        let times = 4
        let large = enlarged(photo, times: times)
        #expect(large.width * large.height > 12_000_000)
        var found: [DetectedFace] = []
        // The best of three: other tests run beside this one.
        let durations = try (0..<3).map { _ in
            try ContinuousClock().measure { found = try shared.get().faces(in: large) }
        }
        try #require(found.count == 1)
        if test_build_is_slow() == 0 { #expect(try #require(durations.min()) < .seconds(1)) }
        for (point, before) in zip(found[0].face.landmarks, original.landmarks) {
            #expect(abs(point.x / Double(times) - before.x) < 8)
            #expect(abs(point.y / Double(times) - before.y) < 8)
        }
    }

    @Test("several faces come largest first, each once")
    func several() throws {
        let (big, small) = (try portrait("obama.jpg"), scaled(try portrait("biden.jpg"), by: 0.6))
        let both = beside(small, big)
        let faces = try shared.get().faces(in: both)
        #expect(faces.count == 2)
        let areas = faces.map(\.face.box.area)
        #expect(areas == areas.sorted(by: >))
        #expect((faces.first?.face.box.x ?? 0) > small.width)
    }

    @Test(
        "a small face in front of a large one is found, and the large one too",
        arguments: [(0.35, 560, 450), (0.35, 583, 423), (0.35, 600, 440)])
    func inFront(scale: Double, x: Int, y: Int) throws {
        let head = cropped(try portrait("obama.jpg"), FaceBox(x: 308, y: 96, width: 348, height: 350))
        let both = pasted(scaled(head, by: scale), onto: try portrait("biden.jpg"), x: x, y: y)
        let boxes = try shared.get().faces(in: both).map(\.face.box)
        try #require(boxes.count == 2)
        #expect(boxes[0].width > 240 && boxes[1].width < 120)
        #expect(Double(boxes[0].overlap(with: boxes[1])) > 0.6 * Double(boxes[1].area))
    }

    @Test("a large face hides no small ones", arguments: [42.0, 50, 60])
    func smallBesideLarge(size: Double) throws {
        let head = cropped(try portrait("obama.jpg"), FaceBox(x: 250, y: 60, width: 464, height: 464))
        let grey = [UInt8](repeating: 128, count: 3 * 720 * 560)
        var group = Photo(name: "group", width: 720, height: 560, pixels: grey)
        group = pasted(scaled(head, by: 0.6), onto: group, x: 200, y: 180)
        // The head's face has 268 pixels.
        let small = scaled(head, by: size / 268)
        for i in 0..<8 {
            group = pasted(small, onto: group, x: 4 + i % 4 * 180, y: i < 4 ? 8 : 454)
        }
        let sizes = try shared.get().faces(in: group).map(\.face.quality.size)
        #expect(sizes.count == 9)
        #expect(sizes.first ?? 0 > 120)
        #expect(sizes.dropFirst().allSatisfy { abs(Double($0) - size) < 0.25 * size })
    }

    @Test("what is found in a photo turned upside down or on its side is the face of the upright photo")
    func turnedPhotos() throws {
        var found = 0
        for scale in [0.5, 0.33] {
            for name in ["obama.jpg", "biden.jpg"] {
                let photo = scaled(try portrait(name), by: scale)
                let upright = try #require(try shared.get().faces(in: photo).first).face
                for turns in 1...3 {
                    let look = quarterTurned(photo, turns)
                    for face in try shared.get().faces(in: look).map(\.face) {
                        found += 1
                        let eyes = hypot(
                            upright.landmarks[0].x - upright.landmarks[2].x,
                            upright.landmarks[0].y - upright.landmarks[2].y)
                        for (point, before) in zip(face.landmarks, upright.landmarks) {
                            let (width, height) = (Double(photo.width - 1), Double(photo.height - 1))
                            let expected =
                                switch turns {
                                case 1: (height - before.y, before.x)
                                case 2: (width - before.x, height - before.y)
                                default: (before.y, width - before.x)
                                }
                            #expect(abs(point.x - expected.0) < 0.3 * eyes)
                            #expect(abs(point.y - expected.1) < 0.3 * eyes)
                        }
                        #expect(abs(abs(face.quality.roll) - (turns == 2 ? 180 : 90)) < 20)
                    }
                }
            }
        }
        // The sample photos that give a finding upside down: the mouth passes for eyes.
        #expect(found >= 2)
    }

    @Test(
        "a photo without a face has none",
        arguments: [(1, 1), (3, 2), (79, 81), (1, 3_000), (640, 480), (2_000, 3)])
    func none(width: Int, height: Int) throws {
        let grey = [UInt8](repeating: 128, count: 3 * width * height)
        let photo = Photo(name: "wall", width: width, height: height, pixels: grey)
        #expect(try shared.get().faces(in: photo).isEmpty)
    }

    @Test("a turned head has the sign of its turn, a tilted one the angle of its tilt")
    func pose() throws {
        let photo = try portrait("obama.jpg")
        let face = try #require(try shared.get().faces(in: photo).first).face
        let mirrored = try #require(try shared.get().faces(in: mirror(photo)).first).face
        #expect(abs(mirrored.quality.yaw + face.quality.yaw) < 8)
        #expect(abs(mirrored.quality.roll + face.quality.roll) < 4)
        let tilted = try #require(try shared.get().faces(in: turned(photo, degrees: 15)).first).face
        #expect(abs(tilted.quality.roll - face.quality.roll - 15) < 5)
    }

    @Test("a blurred face is less sharp")
    func sharpness() throws {
        let photo = try portrait("obama.jpg")
        let sharp = try #require(try shared.get().faces(in: photo).first).face
        let blurred = scaled(scaled(photo, by: 0.1), by: 10)
        let face = try #require(try shared.get().faces(in: blurred).first).face
        #expect(face.quality.sharpness < sharp.quality.sharpness / 4)
    }

    @Test("eight threads with one detector find what one thread finds")
    func threads() async throws {
        let photos = try ["obama.jpg", "biden.jpg"].map { scaled(try portrait($0), by: 0.5) }
        let detector = try shared.get()
        let alone = try photos.map { try detector.faces(in: $0) }
        #expect(alone.allSatisfy { $0.count == 1 })
        try await withThrowingTaskGroup(of: (Int, [DetectedFace]).self) { group in
            for i in 0..<16 { group.addTask { (i % 2, try detector.faces(in: photos[i % 2])) } }
            for try await (i, faces) in group { #expect(faces == alone[i]) }
        }
    }

    @Test("pixels that do not fill the photo are refused by name")
    func badPhoto() throws {
        for (width, height, count) in [(10, 10, 299), (0, 0, 0), (-1, -1, 3), (Int.max, 2, 6), (10, 10, 0)] {
            let photo = Photo(
                name: "odd", width: width, height: height, pixels: [UInt8](repeating: 0, count: count))
            #expect(throws: DetectorError.badPhoto(name: "odd", width: width, height: height, values: count)) {
                try shared.get().faces(in: photo)
            }
        }
    }

    @Test("other chip sizes are cut", arguments: [16, 112, 2_048])
    func chipSize(side: Int) throws {
        let detector = try FaceDetector(landmarkModel: Cache.landmarkModel, chipSide: side, padding: 0)
        let chip = try #require(try detector.faces(in: portrait("obama.jpg")).first).chip
        #expect(chip.side == side && chip.pixels.count == 3 * side * side)
    }
}

@Suite("loading a detector") struct LoadingTests {
    @Test("a missing, empty or foreign landmark file is refused by name")
    func models() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("none.dat")
        let empty = try folder.write([], to: "empty.dat")
        let text = try folder.write(Array("not a model at all".utf8), to: "text.dat")
        for path in [missing, empty, folder.path] {
            let error = #expect(throws: DetectorError.self) { try FaceDetector(landmarkModel: path) }
            guard case .missingModel(path, _) = error else {
                Issue.record("\(path): \(String(describing: error))")
                continue
            }
            #expect(error?.description.hasPrefix(path) == true)
        }
        let error = #expect(throws: DetectorError.self) { try FaceDetector(landmarkModel: text) }
        guard case .notAModel(text, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a landmark file cut short is refused", .enabled(if: Cache.isThere))
    func truncatedModel() throws {
        let folder = try TemporaryFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: Cache.landmarkModel))
        for count in [1, 10, 1_000, whole.count / 2] {
            let path = try folder.write([UInt8](whole.prefix(count)), to: "cut.dat")
            let error = #expect(throws: DetectorError.self) { try FaceDetector(landmarkModel: path) }
            guard case .notAModel(path, _) = error else {
                Issue.record("\(count) bytes: \(String(describing: error))")
                continue
            }
        }
    }

    @Test(
        "chips of no size, of an absurd size or with an absurd padding are refused",
        arguments: [(0, 0.25), (-150, 0), (2_049, 0), (150, -0.1), (150, .nan), (150, .infinity)])
    func chips(side: Int, padding: Double) {
        let error = #expect(throws: DetectorError.self) {
            try FaceDetector(landmarkModel: "unused", chipSide: side, padding: padding)
        }
        guard case .badChip(side, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
