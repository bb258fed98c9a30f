import Album
import FaceImage
import Testing

@testable import Gallery

@Suite("A drawn photo")
struct DrawnPhotoTests {
    private func identified(
        _ name: String, box: FaceBox, width: Int, height: Int, decision: Decision = .match
    ) -> IdentifiedPhoto {
        let quality = FaceQuality(size: 10, sharpness: 1, yaw: 0, roll: 0)
        let candidate = Candidate(rank: 1, subject: name, similarity: 0.7, reference: 1)
        return IdentifiedPhoto(
            path: "p", width: width, height: height,
            faces: [
                IdentifiedFace(
                    Face(box: box, score: 1, landmarks: [], quality: quality),
                    Answer(decision: decision, threshold: 0.5, candidates: [candidate]))
            ])
    }

    private func drawn(
        ground: UInt8, width: Int, height: Int, box: FaceBox, name: String = "Ada"
    ) throws -> Photo {
        let photo = Photo(
            name: "p", width: width, height: height,
            pixels: [UInt8](repeating: ground, count: 3 * width * height))
        let copy = DrawnPhoto(photo, identified(name, box: box, width: width, height: height))
        let jpeg = try #require(copy.jpeg(named: "p"))
        return try Photo(.bytes(jpeg, name: "p"))
    }

    @Test(
        "has a label that is readable on any ground, at any size", arguments: [0, 128, 255] as [UInt8],
        [60, 250, 3000])
    func readable(ground: UInt8, size: Int) throws {
        let box = FaceBox(x: size / 4, y: size / 3, width: size / 3, height: size / 3)
        let photo = try drawn(ground: ground, width: size, height: size, box: box)
        #expect(photo.width == size && photo.height == size)
        // White letters on a dark ground, whatever was there.
        var (darkest, lightest) = (255, 0)
        for row in max(0, size / 3 - max(40, size / 10))..<size / 3 {
            for column in size / 4..<min(size, size / 4 + size / 6) {
                let start = 3 * (row * size + column)
                let mean = photo.pixels[start..<start + 3].reduce(0) { $0 + Int($1) } / 3
                (darkest, lightest) = (min(darkest, mean), max(lightest, mean))
            }
        }
        #expect(lightest > 225 && darkest < 60)
    }

    @Test(
        "takes faces and labels at and beyond the edges, and names of any length and script",
        arguments: [
            FaceBox(x: -30, y: -30, width: 60, height: 60), FaceBox(x: 190, y: 90, width: 60, height: 60),
            FaceBox(x: 0, y: 0, width: 200, height: 100), FaceBox(x: 5, y: 40, width: 1, height: 1),
        ])
    func edges(box: FaceBox) throws {
        for name in ["Ada", "", String(repeating: "w", count: 500), "<b>&amp;", "李小龙 مرحبا", "a\nb"] {
            let photo = try drawn(ground: 200, width: 200, height: 100, box: box, name: name)
            #expect(photo.width == 200 && photo.height == 100)
        }
    }
}

@Suite("Words for answers")
struct AnswerWordTests {
    private func words(_ decision: Decision, _ certainty: Certainty?, _ names: [String]) -> String {
        let candidates = names.enumerated().map {
            Candidate(rank: $0 + 1, subject: $1, similarity: 0.5, reference: 1)
        }
        return Answer(decision: decision, threshold: 0.5, certainty: certainty, candidates: candidates).words
    }

    @Test("differ for what is clear, close and below the threshold")
    func differ() {
        #expect(words(.match, .clear, ["Ada"]) == "Ada")
        #expect(words(.match, nil, ["Ada"]) == "Ada")
        #expect(words(.match, .close, ["Ada"]) == "probably Ada")
        #expect(words(.ambiguous, .clear, ["Ada", "Bo"]) == "Ada or Bo")
        #expect(words(.review, .perhaps, ["Ada"]) == "perhaps Ada")
        #expect(words(.unknown, .perhaps, ["Ada"]) == "unknown, perhaps Ada")
        #expect(words(.unknown, nil, ["Ada"]) == "unknown")
        #expect(words(.unknown, nil, []) == "unknown")
    }
}
