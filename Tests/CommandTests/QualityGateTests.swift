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
        try facegallery.makeGalleryAndPortrait()
    }

    private func dryRun(_ words: String...) throws -> Facegallery.Result {
        try facegallery.run(["enroll", "-g", "g", "--json", "--dry-run", "--shared-photos", "people"] + words)
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

    @Test("identify, verify and embed say what enrol refuses about a face they use, and nothing of a good one")
    func warnings() throws {
        let blurred = try smoothed(
            SmallPortraits.reduced(Photo(.path(Facegallery.portrait("obama.jpg")))), radius: 6)
        let header = Array("P6\n\(blurred.width) \(blurred.height) 255\n".utf8)
        try folder.write(header + blurred.pixels, to: "people/Blurred.ppm")
        let refused = try dryRun().objects().first { $0["status"] as? String == "refused" }
        let measured = try #require(refused?["measured"] as? Double)
        #expect(refused?["reason"] as? String == "too_blurred")
        func check(_ warnings: Any?) throws {
            // The finder may doubt so blurred a face, too.
            let all = try #require(warnings as? [[String: Any]]).filter {
                $0["reason"] as? String != "doubtful_face"
            }
            #expect(all.count == 1)
            #expect(all.first?["reason"] as? String == "too_blurred")
            #expect(all.first?["measured"] as? Double == measured)
            #expect(all.first?["limit"] as? Double == 5)
        }
        let (bad, good) = ("people/Blurred.ppm", "people/Joe Biden.jpg")

        let identified = try facegallery("identify", "-g", "g", "--json", bad, good)
        let answers = try identified.objects().map { $0["face"] as? [String: Any] }
        try #require(answers.count == 2)
        try check(answers[0]?["warnings"])
        #expect(answers[1]?.keys.contains("warnings") == false)
        #expect(identified.err.contains("warning: \(bad): ") && identified.err.contains("(too_blurred)"))
        #expect(!identified.err.contains("warning: \(good)"))

        for photos in [[bad, good], [good, bad]] {
            let verified = try facegallery.run(["verify", "--json"] + photos)
            let doubts = try #require(verified.objects().first?["warnings"] as? [[String: Any]])
            #expect(doubts.count == 1 && doubts.first?["photo"] as? String == bad)
            try check(doubts.first?["reasons"])
            #expect(verified.err.contains("warning: \(bad): "))
        }
        #expect(try facegallery("verify", "--json", good, good).objects().first?["warnings"] == nil)

        let embedded = try facegallery("embed", "people", "--json", "--out", "x.npy", "--names", "x.txt")
        let rows = try embedded.objects()
        try check(rows.first { $0["photo"] as? String == bad }?["warnings"])
        #expect(rows.first { $0["photo"] as? String == good }?.keys.contains("warnings") == false)
    }

    @Test("embed says where it takes the largest of several faces")
    func largestOfSeveral() throws {
        let photo = try SmallPortraits.reduced(Photo(.path(Facegallery.portrait("biden.jpg"))))
        let width = 3 * photo.width
        let rows = (0..<photo.height).flatMap { y -> [UInt8] in
            let row = photo.pixels[y * width..<(y + 1) * width]
            return Array(row + row)
        }
        try folder.write(Array("P6\n\(2 * photo.width) \(photo.height) 255\n".utf8) + rows, to: "Two.ppm")
        let embedded = try facegallery("embed", "--json", "Two.ppm", "--out", "x.npy", "--names", "x.txt")
        let warnings = try embedded.objects().first?["warnings"] as? [[String: Any]]
        #expect(warnings?.first?["reason"] as? String == "several_faces")
        #expect(warnings?.first?["measured"] as? Double == 2)
        #expect(embedded.err.contains("(several_faces)"))
        #expect(
            try facegallery("embed", "--one-face", "Two.ppm", "--out", "y.npy", "--names", "y.txt").exitCode
                == 65)
    }

    @Test("where no face is found, the size that one must have in this photo is named")
    func sizeInThisPhoto() throws {
        for (width, height, least) in [(200, 100, 16), (8_192, 20, 32)] {
            let grey = [UInt8](repeating: 120, count: 3 * width * height)
            try folder.write(Array("P6\n\(width) \(height) 255\n".utf8) + grey, to: "empty.ppm")
            for command in ["identify", "enroll"] {
                let result = try facegallery(command, "-g", "g", "empty.ppm")
                #expect(result.exitCode == 65)
                #expect(result.err.contains("a face must have \(least) pixels or more"), "\(result.err)")
            }
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
        try FileManager.default.copyItem(
            atPath: Facegallery.portrait("biden.jpg"), toPath: folder.file("people/Large.jpg"))
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

/// A photo whose pixels are means of their neighbours across and down, twice.
private func smoothed(_ photo: Photo, radius: Int) -> Photo {
    let (width, height) = (photo.width, photo.height)
    var pixels = photo.pixels
    for _ in 0..<2 {
        // Pixels in a line, from one to the next; lines, from one to the next.
        for (count, step, lines, apart) in [(width, 3, height, 3 * width), (height, 3 * width, width, 3)] {
            let before = pixels
            for line in 0..<lines {
                for at in 0..<count {
                    let near = max(0, at - radius)...min(count - 1, at + radius)
                    for channel in 0..<3 {
                        var sum = 0
                        for place in near { sum += Int(before[line * apart + place * step + channel]) }
                        pixels[line * apart + at * step + channel] = UInt8(sum / near.count)
                    }
                }
            }
        }
    }
    return Photo(name: photo.name, width: width, height: height, pixels: pixels)
}
