import FaceImage
import Foundation
import TestSupport
import Testing

/// Who finds faces is the network's choice, and may be the user's.
@Suite("The choice of a finder of faces")
struct DetectorChoiceTests {
    private static let hasBoth =
        Facegallery.hasModels
        && FileManager.default.fileExists(
            atPath: SetUpCache.file("detector/shape_predictor_5_face_landmarks.dat"))

    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    /// A portrait turned by a quarter, without a note of it.
    private func writeTurned(to path: String) throws {
        let photo = try Photo(.path(Facegallery.portrait("biden.jpg")))
        var bytes = Array("P6 \(photo.height) \(photo.width) 255\n".utf8)
        for x in 0..<photo.width {
            for y in (0..<photo.height).reversed() {
                bytes += photo.pixels[3 * (y * photo.width + x)..<3 * (y * photo.width + x + 1)]
            }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file(path)))
    }

    @Test(
        "templates of either finder's points are of one network and match",
        .enabled(if: hasBoth, "the models are fetched by make setup and setup/fetch-models.sh dlib-resnet"))
    func bothFinders() throws {
        let portrait = Facegallery.portrait("biden.jpg")
        #expect(try facegallery("create", "-g", "g").exitCode == 0)
        let enrolled = try facegallery("enroll", "-g", "g", "--subject", "Joe", "--detector", "dlib", portrait)
        #expect(enrolled.exitCode == 0, "\(enrolled.err)")
        for detector in ["dlib", "yunet"] {
            let answer = try facegallery("identify", "-g", "g", "--json", "--detector", detector, portrait)
                .objects().first
            let first = (answer?["candidates"] as? [[String: Any]])?.first
            let similarity = try #require(first?["similarity"] as? Double)
            #expect(detector == "dlib" ? similarity > 0.999 : (0.8..<0.9999).contains(similarity))
        }
        let verified = try facegallery("verify", "--detector", "dlib", portrait, portrait)
        #expect(verified.exitCode == 0 && verified.out.hasPrefix("match"), "\(verified.err)")
        let embedded = try facegallery(
            "embed", portrait, "--detector", "dlib", "--out", "x.npy", "--names", "x.txt")
        #expect(embedded.exitCode == 0, "\(embedded.err)")
    }

    @Test(
        "a photo turned without a note is found in any rotation",
        .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
    func anyRotation() throws {
        try writeTurned(to: "turned.ppm")
        let portrait = Facegallery.portrait("biden.jpg")
        let verified = try facegallery("verify", "--any-rotation", "turned.ppm", portrait)
        #expect(verified.exitCode == 0 && verified.out.hasPrefix("match"), "\(verified.out)\(verified.err)")
    }

    @Test(
        "what does not go together is refused with the reason",
        .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
    func refusals() throws {
        let portrait = Facegallery.portrait("biden.jpg")
        let patterns = try PatternGallery()
        try patterns.draw(1, as: "a.ppm")
        let whole = try patterns.facegallery("identify", "-g", "g", "--detector", "yunet", "a.ppm")
        #expect(whole.exitCode == 64 && whole.err.contains("takes whole photos"), "\(whole.err)")
        for (text, words) in [
            (
                "cannot search photos in all four rotations",
                ["verify", portrait, portrait, "--detector", "dlib", "--any-rotation"]
            ),
            ("yunet", ["verify", portrait, portrait, "--detector", "none"]),
            (
                "leave out --detector",
                ["embed", portrait, "--no-detect", "--detector", "yunet", "--out", "x", "--names", "y"]
            ),
            ("are only for photos", ["identify", "-g", "g", "--embeddings", "x.npy", "--any-rotation"]),
            (
                "is only for photos",
                ["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "y", "--detector", "yunet"]
            ),
        ] as [(String, [String])] {
            let refused = try facegallery.run(words)
            #expect(refused.exitCode == 64 && refused.err.contains(text), "\(words): \(refused.err)")
        }
    }
}
