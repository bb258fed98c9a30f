import Foundation
import TestSupport
import Testing

@testable import FaceImage

/// Takes a red square above a green one of the same size for a face: surer the better it stands, nothing below 16 pixels.
private struct MarkerNetwork: DetectionNetwork {
    func outputs(
        width: Int, height: Int, fill: (_ picture: inout MutableSpan<Float>) -> Void
    ) throws -> [String: [Float]] {
        let pixels = picture(width: width, height: height, fill: fill)
        var outputs = emptyOutputs(width: width, height: height)
        guard let red = middle(pixels, width, channel: 2), let green = middle(pixels, width, channel: 1) else {
            return outputs
        }
        let (dx, dy) = (green.x - red.x, green.y - red.y)
        let length = (dx * dx + dy * dy).squareRoot()
        let side = 2 * length
        guard length > 0, side >= 15 else { return outputs }
        // 0.95 upright, 0.8 upside down, 0.75 on its side.
        let score = dy / length > 0.9 ? 0.95 : dy / length < -0.9 ? 0.8 : 0.75
        let (x, y) = ((red.x + green.x) / 2 / 8, (red.y + green.y) / 2 / 8)
        let at = Int(y) * (width / 8) + Int(x)
        let (inX, inY) = (x - x.rounded(.down), y - y.rounded(.down))
        outputs["cls_8"]?[at] = Float(score)
        outputs["obj_8"]?[at] = Float(score)
        let size = Float(log(side / 8))
        outputs["bbox_8"]?.replaceSubrange(4 * at..<4 * at + 4, with: [Float(inX), Float(inY), size, size])
        // As the network believes that every face stands.
        let places: [(x: Double, y: Double)] = [(-0.2, -0.2), (0.2, -0.2), (0, 0), (-0.15, 0.2), (0.15, 0.2)]
        let points: [[Float]] = places.map { [Float(inX + $0.x * side / 8), Float(inY + $0.y * side / 8)] }
        outputs["kps_8"]?.replaceSubrange(10 * at..<10 * at + 10, with: points.joined())
        return outputs
    }

    /// The middle of what has one colour alone.
    private func middle(_ pixels: [Float], _ width: Int, channel: Int) -> (x: Double, y: Double)? {
        var (x, y, count) = (0.0, 0.0, 0.0)
        for at in stride(from: 0, to: pixels.count, by: 3)
        where pixels[at + channel] > 100 && pixels[at + 3 - channel] < 50 {
            x += Double(at / 3 % width)
            y += Double(at / 3 / width)
            count += 1
        }
        return count > 0 ? (x / count, y / count) : nil
    }
}

/// Is less sure than another network.
private struct DimNetwork: DetectionNetwork {
    let network: any DetectionNetwork
    let factor: Float

    func outputs(
        width: Int, height: Int, fill: (_ picture: inout MutableSpan<Float>) -> Void
    ) throws -> [String: [Float]] {
        var outputs = try network.outputs(width: width, height: height, fill: fill)
        for name in outputs.keys where name.hasPrefix("cls") || name.hasPrefix("obj") {
            outputs[name] = outputs[name]?.map { $0 * factor }
        }
        return outputs
    }
}

/// What `fill` writes.
func picture(
    width: Int, height: Int, fill: (_ picture: inout MutableSpan<Float>) -> Void
) -> [Float] {
    // As what was there before: every number must be written.
    var pixels = [Float](repeating: -1, count: 3 * width * height)
    var span = pixels.mutableSpan
    fill(&span)
    return pixels
}

private struct FailingNetwork: DetectionNetwork {
    struct Failure: Error, CustomStringConvertible { let description = "no memory" }
    func outputs(
        width: Int, height: Int, fill: (_ picture: inout MutableSpan<Float>) -> Void
    ) throws -> [String: [Float]] { throw Failure() }
}

@Suite("YuNet's search of a photo") struct YuNetSearchTests {
    /// A dark photo with a face of `side` pixels that `MarkerNetwork` knows, its left top corner at (x, y).
    private func photo(_ width: Int, _ height: Int, x: Int, y: Int, side: Int) -> Photo {
        var pixels = [UInt8](repeating: 20, count: 3 * width * height)
        for row in 0..<side {
            for column in side / 4..<3 * side / 4 {
                let at = 3 * ((y + row) * width + x + column)
                pixels[at + (row < side / 2 ? 0 : 1)] = 255
            }
        }
        return Photo(name: "marker", width: width, height: height, pixels: pixels)
    }

    private let finder = YuNetFinder(network: MarkerNetwork())

    @Test(
        "a face is found once, wherever it lies and however small it is",
        arguments: [(250, 250, 100, 80, 60), (250, 250, 0, 234, 16), (1_300, 700, 640, 350, 20)])
    func found(width: Int, height: Int, x: Int, y: Int, side: Int) throws {
        let found = try finder.findings(in: photo(width, height, x: x, y: y, side: side))
        try #require(found.count == 1)
        #expect(found[0].scheme == .eyesNoseAndMouth && found[0].score > 0.94)
        #expect(abs(found[0].box.width - side) <= 1 + side / 10)
        #expect(abs(found[0].box.x - x) <= 2 && abs(found[0].box.y - y) <= 2)
        #expect(abs(found[0].landmarks[2].x - Double(x) - Double(side - 1) / 2) < 1.5)
    }

    @Test("a face that scores higher turned is given as it was found there", arguments: 1...3)
    func turned(turns: Int) throws {
        let upright = photo(128, 128, x: 30, y: 40, side: 40)
        let found = try finder.findings(in: quarterTurned(upright, turns))
        try #require(found.count == 1)
        #expect(found[0].score > 0.94)
        let roll = headPose(found[0].landmarks, found[0].scheme).roll
        #expect(abs(abs(roll) - (turns == 2 ? 180 : 90)) < 3)
        #expect((roll > 0) == (turns == 1) || turns == 2)
    }

    @Test(
        "what is doubtful is found beside a sure face and without one, marked, and comes last however large it is"
    )
    func doubtful() throws {
        let sure = photo(250, 250, x: 20, y: 20, side: 60)
        // Upside down in every look: sure nowhere.
        let unsure = YuNetFinder(network: DimNetwork(network: MarkerNetwork(), factor: 0.9))
        let alone = try unsure.findings(in: sure)
        #expect(alone.count == 1 && alone.allSatisfy { $0.isDoubtful && $0.score > 0.8 })
        #expect(try finder.findings(in: sure).map(\.isDoubtful) == [false])
        func finding(_ side: Int, _ score: Double) -> Finding {
            YuNetCandidate(
                left: 0, top: 0, width: Double(side), height: Double(side), score: score, points: []
            ).finding
        }
        let sorted = largestFirst(
            [finding(100, 0.89), finding(30, 0.9), finding(50, 0.95)], width: 200, height: 200)
        #expect(sorted.map(\.box.width) == [50, 30, 100])
        #expect(sorted.map(\.isDoubtful) == [false, false, true])
    }

    @Test("a photo in which nothing is seen has no face, and one that cannot be searched is named")
    func none() throws {
        let grey = Photo(name: "wall", width: 90, height: 70, pixels: [UInt8](repeating: 128, count: 18_900))
        #expect(try finder.findings(in: grey).isEmpty)
        #expect(try YuNetFinder(network: MarkerNetwork(), anyRotation: true).findings(in: grey).isEmpty)
        #expect(throws: DetectorError.failed(name: "wall", reason: "no memory")) {
            try YuNetFinder(network: FailingNetwork()).findings(in: grey)
        }
    }

    @Test("a chip of YuNet's points has them where the template says")
    func chip() throws {
        let detector = try FaceDetector(finder: finder, alignment: .template(.arcFace))
        let face = try #require(try detector.faces(in: photo(250, 250, x: 90, y: 60, side: 100)).first)
        #expect(face.chip.side == 112 && face.face.scheme == .eyesNoseAndMouth)
        #expect(abs(face.face.quality.roll) < 1 && abs(face.face.quality.yaw) < 3)
        // Between red and green lies the tip of the nose.
        func pixel(_ y: Int) -> ArraySlice<UInt8> { face.chip.pixels[3 * (112 * y + 56)..<3 * (112 * y + 57)] }
        #expect(pixel(62).first ?? 0 > 200 && pixel(82).first ?? 255 < 50)
    }
}
