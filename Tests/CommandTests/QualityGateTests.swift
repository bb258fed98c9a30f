import FaceImage
import Foundation
import TestSupport
import Testing

@Suite(
    "The quality gate", .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
struct QualityGateTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        #expect(try facegallery("create", "-g", "g").exitCode == 0)
        try FileManager.default.createDirectory(
            atPath: folder.file("people"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: Facegallery.portrait("biden.jpg"), toPath: folder.file("people/Joe Biden.jpg"))
    }

    private func dryRun(_ words: String...) throws -> Facegallery.Result {
        try facegallery.run(["enroll", "-g", "g", "--json", "--dry-run", "people"] + words)
    }

    /// What is measured of the one photo, as the gallery keeps it.
    private func quality() throws -> [String: Double] {
        #expect(try facegallery("enroll", "-g", "g", "people").exitCode == 0)
        let reference = try facegallery("subjects", "-g", "g", "--json", "Joe Biden").objects().first
        let quality = try #require(reference?["quality"] as? [String: Any])
        return quality.compactMapValues { $0 as? Double }
    }

    @Test("takes a face that just keeps a limit, and refuses one that just misses it, with both numbers")
    func limits() throws {
        let quality = try quality()
        // Under another name, as nothing is measured of what is enrolled.
        try FileManager.default.moveItem(
            atPath: folder.file("people/Joe Biden.jpg"), toPath: folder.file("people/Joe.jpg"))
        for (option, key, reason, step) in [
            ("--min-face-size", "faceSize", "face_too_small", 1.0),
            ("--min-face-score", "score", "low_score", 0.01),
            ("--min-sharpness", "sharpness", "too_blurred", 0.01), ("--max-yaw", "yaw", "pose", -0.01),
        ] {
            let measured = abs(try #require(quality[key]))
            let isWhole = key == "faceSize"
            let word = { (value: Double) in isWhole ? "\(Int(value))" : "\(value)" }
            // A hundredth of the step covers how JSON rounds.
            let taken = try dryRun(option, word(isWhole ? measured : measured - step / 100))
            #expect(taken.exitCode == 0, "\(option): \(taken.err)")
            let refused = try dryRun(option, word(measured + step))
            #expect(refused.exitCode == 65)
            let line = try #require(try refused.objects().first { $0["status"] as? String == "refused" })
            #expect(line["reason"] as? String == reason)
            #expect(abs((line["measured"] as? Double ?? -1) - measured) < 1e-9)
            #expect(abs((line["limit"] as? Double ?? -1) - (measured + step)) < 1e-9)
        }
    }

    @Test("photos without a face or with several, unreadable and too large ones have reasons of their own")
    func otherReasons() throws {
        let whole = try Photo(.path(Facegallery.portrait("biden.jpg")))
        let blank = Array("P6\n200 200 255\n".utf8) + [UInt8](repeating: 120, count: 200 * 200 * 3)
        try folder.write(blank, to: "people/Nobody.ppm")
        let step = 2
        let (width, height) = (whole.width / step, whole.height / step)
        var twice: [UInt8] = []
        for y in 0..<height {
            let row = (0..<width).flatMap { x -> ArraySlice<UInt8> in
                let start = 3 * (y * step * whole.width + x * step)
                return whole.pixels[start..<start + 3]
            }
            twice += row + row
        }
        try folder.write(Array("P6\n\(2 * width) \(height) 255\n".utf8) + twice, to: "people/Two.ppm")
        try folder.write(Array("no photo".utf8), to: "people/Broken.jpg")
        let result = try dryRun("--max-pixels", "\(3 * width * height)")
        #expect(
            try result.objects().last?["reasons"] as? [String: Int] == [
                "no_face": 1, "several_faces": 1, "unreadable": 1, "too_large": 1,
            ], "\(result.err)")
        let several = try result.objects().first { $0["reason"] as? String == "several_faces" }
        #expect(several?["measured"] as? Double == 2)
        #expect(result.err.contains("several_faces 1"))
    }
}
