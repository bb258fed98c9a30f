import CTestPhotos
import FaceImage
import Foundation
import TestSupport
import Testing

@Suite("finding faces with YuNet", .enabled(if: YuNetModel.isThere)) struct YuNetTests {
    /// The portraits at 0.4 of their size: loops over pixels are slow in a debug build.
    private static let portraits = Result {
        try ["obama.jpg", "biden.jpg"].map { scaled(try Photo(.path(Cache.photo($0))), by: 0.4) }
    }

    private func portrait(_ name: String) throws -> Photo {
        try Self.portraits.get()[name == "obama.jpg" ? 0 : 1]
    }

    private func detector() throws -> FaceDetector {
        try FaceDetector(finder: YuNetModel.finder.get(), alignment: .template(.arcFace))
    }

    /// The head of a portrait, whose face is about half as wide.
    private func head() throws -> Photo {
        cropped(try portrait("obama.jpg"), FaceBox(x: 100, y: 24, width: 186, height: 186))
    }

    @Test(
        "a portrait has one face, whose box, landmarks and figures make sense",
        arguments: ["obama.jpg", "biden.jpg"])
    func portrait(name: String) throws {
        let photo = try portrait(name)
        let faces = try detector().faces(in: photo)
        try #require(faces.count == 1)
        let face = faces[0].face
        #expect(face.score > 0.85 && face.score <= 1 && face.scheme == .eyesNoseAndMouth)
        #expect(face.quality.size == min(face.box.width, face.box.height) && face.quality.size > 80)
        #expect(face.quality.sharpness > 30)
        #expect(abs(face.quality.yaw) < 30 && abs(face.quality.roll) < 15)
        let points = face.landmarks
        try #require(points.count == 5)
        #expect(points[0].x < points[1].x && points[3].x < points[4].x)
        #expect(points[0].y < points[2].y && points[2].y < points[3].y)
        #expect(faces[0].chip.side == 112 && faces[0].chip.pixels.count == 3 * 112 * 112)
        // dlib's finder sees the same eyes, and its points give nearly the same chip.
        let dlib = try FaceDetector(
            finder: DlibFinder(landmarkModel: Cache.landmarkModel), alignment: .template(.arcFace))
        let other = try #require(try dlib.faces(in: photo).first)
        let apart = hypot(
            (other.face.landmarks[2].x + other.face.landmarks[3].x) / 2 - points[0].x,
            (other.face.landmarks[2].y + other.face.landmarks[3].y) / 2 - points[0].y)
        #expect(apart < 0.15 * (points[1].x - points[0].x))
        #expect(abs(other.face.quality.yaw - face.quality.yaw) < 15)
        #expect(abs(other.face.quality.roll - face.quality.roll) < 10)
    }

    @Test("a face is found from 16 pixels on", arguments: [16.0, 20, 40])
    func small(size: Double) throws {
        let photo = try portrait("biden.jpg")
        let width = try #require(try detector().faces(in: photo).first).face.box.width
        let faces = try detector().faces(in: scaled(photo, by: size / Double(width)))
        try #require(faces.count == 1)
        #expect(abs(Double(faces[0].face.box.width) - size) < 0.25 * size)
    }

    @Test("a crop of the face alone is a face, however large it is", arguments: [0.5, 1, 6])
    func tight(scale: Double) throws {
        let photo = try portrait("obama.jpg")
        let box = try #require(try detector().faces(in: photo).first).face.box
        let inner = FaceBox(
            x: box.x + box.width / 10, y: box.y + box.height / 10, width: box.width * 4 / 5,
            height: box.height * 4 / 5)
        let crop = scaled(cropped(photo, inner), by: scale)
        let faces = try detector().faces(in: crop)
        try #require(faces.count == 1)
        #expect(faces[0].face.box.width > crop.width * 4 / 5)
    }

    @Test("half a face at the photo's edge is found", arguments: ["left", "right"])
    func edge(side: String) throws {
        let photo = try portrait("obama.jpg")
        let box = try #require(try detector().faces(in: photo).first).face.box
        let middle = box.x + box.width * (side == "left" ? 3 : 7) / 10
        let part =
            side == "left"
            ? FaceBox(x: middle, y: 0, width: photo.width - middle, height: photo.height)
            : FaceBox(x: 0, y: 0, width: middle, height: photo.height)
        #expect(try detector().faces(in: cropped(photo, part)).count == 1)
    }

    @Test(
        "a small face in front of a large one is found, and the large one too",
        arguments: [(0.35, 224, 180), (0.35, 240, 176)])
    func inFront(scale: Double, x: Int, y: Int) throws {
        let head = cropped(try portrait("obama.jpg"), FaceBox(x: 123, y: 38, width: 139, height: 140))
        let both = pasted(scaled(head, by: scale), onto: try portrait("biden.jpg"), x: x, y: y)
        let boxes = try detector().faces(in: both).map(\.face.box)
        try #require(boxes.count == 2)
        #expect(boxes[0].width > 80 && boxes[1].width < 48)
    }

    @Test("a large face hides no small ones", arguments: [20.0, 30])
    func smallBesideLarge(size: Double) throws {
        let head = try head()
        let width = try #require(try detector().faces(in: head).first).face.box.width
        let grey = [UInt8](repeating: 128, count: 3 * 720 * 560)
        var group = Photo(name: "group", width: 720, height: 560, pixels: grey)
        group = pasted(scaled(head, by: 1.5), onto: group, x: 200, y: 180)
        let small = scaled(head, by: size / Double(width))
        for i in 0..<8 { group = pasted(small, onto: group, x: 4 + i % 4 * 180, y: i < 4 ? 8 : 480) }
        let widths = try detector().faces(in: group).map(\.face.box.width)
        #expect(widths.count == 9)
        #expect(widths.first ?? 0 > 100)
        #expect(widths.dropFirst().allSatisfy { abs(Double($0) - size) < 0.3 * size })
    }

    @Test("in a photo turned upside down or on its side the face is the upright photo's, with its roll")
    func turnedPhotos() throws {
        let photo = try portrait("obama.jpg")
        let upright = try #require(try detector().faces(in: photo).first).face
        let thorough = try FaceDetector(finder: YuNetModel.thorough.get(), alignment: .template(.arcFace))
        for turns in 1...3 {
            let look = quarterTurned(photo, turns)
            let found = try thorough.faces(in: look)
            try #require(found.count == 1)
            for (point, before) in zip(found[0].face.landmarks, upright.landmarks) {
                let (width, height) = (Double(photo.width - 1), Double(photo.height - 1))
                let expected =
                    switch turns {
                    case 1: (height - before.y, before.x)
                    case 2: (width - before.x, height - before.y)
                    default: (before.y, width - before.x)
                    }
                #expect(hypot(point.x - expected.0, point.y - expected.1) < 5)
            }
            #expect(abs(abs(found[0].face.quality.roll) - (turns == 2 ? 180 : 90)) < 20)
            // Without the option the face may be missed, and is never taken for an upright one.
            for face in try detector().faces(in: look) { #expect(abs(face.face.quality.roll) > 60) }
        }
    }

    @Test("a turned head has the sign of its turn, a tilted one the angle of its tilt")
    func pose() throws {
        let photo = try portrait("obama.jpg")
        let face = try #require(try detector().faces(in: photo).first).face
        let mirrored = try #require(try detector().faces(in: mirror(photo)).first).face
        #expect(abs(mirrored.quality.yaw + face.quality.yaw) < 15)
        #expect(abs(mirrored.quality.roll + face.quality.roll) < 4)
        let tilted = try #require(try detector().faces(in: turned(photo, degrees: 30)).first).face
        #expect(abs(tilted.quality.roll - face.quality.roll - 30) < 5)
    }

    @Test("a photo without a face has none", arguments: [(1, 1), (3, 2), (1, 3_000), (640, 480)])
    func none(width: Int, height: Int) throws {
        let grey = [UInt8](repeating: 128, count: 3 * width * height)
        #expect(
            try detector().faces(in: Photo(name: "wall", width: width, height: height, pixels: grey)).isEmpty)
    }

    @Test("dlib's chip of YuNet's points holds the eyes where dlib's networks expect them")
    func dlibChip() throws {
        let detector = try FaceDetector(
            finder: YuNetModel.finder.get(), alignment: .dlib(side: 150, padding: 0.25))
        let dlib = try FaceDetector(landmarkModel: Cache.landmarkModel)
        let photo = try portrait("biden.jpg")
        let chip = try #require(try detector.faces(in: photo).first).chip
        let own = try #require(try dlib.faces(in: photo).first).chip
        let again = [chip, own].map { Photo(name: "chip", width: 150, height: 150, pixels: $0.pixels) }
        let points = try again.map { try #require(try self.detector().faces(in: $0).first).face.landmarks }
        for (one, other) in zip(points[0], points[1]) {
            #expect(hypot(one.x - other.x, one.y - other.y) < 5)
        }
    }

    @Test("four threads with one finder find what one thread finds")
    func threads() async throws {
        let photos = try ["obama.jpg", "biden.jpg"].map { scaled(try portrait($0), by: 0.6) }
        let detector = try detector()
        let alone = try photos.map { try detector.faces(in: $0) }
        #expect(alone.allSatisfy { $0.count == 1 })
        try await withThrowingTaskGroup(of: (Int, [DetectedFace]).self) { group in
            for i in 0..<8 { group.addTask { (i % 2, try detector.faces(in: photos[i % 2])) } }
            for try await (i, faces) in group { #expect(faces == alone[i]) }
        }
    }
}
