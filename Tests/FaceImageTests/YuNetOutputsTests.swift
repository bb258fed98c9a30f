import Foundation
import Testing

@testable import FaceImage

/// Outputs of YuNet for a picture, all zero.
func emptyOutputs(width: Int, height: Int) -> [String: [Float]] {
    var outputs: [String: [Float]] = [:]
    for stride in [8, 16, 32] {
        let cells = (width / stride) * (height / stride)
        for (kind, count) in [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)] {
            outputs["\(kind)_\(stride)"] = [Float](repeating: 0, count: cells * count)
        }
    }
    return outputs
}

@Suite("reading YuNet's outputs") struct YuNetOutputsTests {
    private func candidates(
        _ outputs: [String: [Float]], width: Int = 96, height: Int = 64, leastScore: Double = 0.3
    ) throws -> [YuNetCandidate] {
        try YuNetOutputs.candidates(
            outputs, width: width, height: height, leastScore: leastScore, photo: "photo")
    }

    @Test(
        "a cell's box and points are in cells from its corner, and the score is the mean of two",
        arguments: [8, 16, 32])
    func cell(stride: Int) throws {
        var outputs = emptyOutputs(width: 96, height: 64)
        let (columns, row, column) = (96 / stride, 1, 2)
        let at = row * columns + column
        outputs["cls_\(stride)"]?[at] = 0.9
        outputs["obj_\(stride)"]?[at] = 0.4
        outputs["bbox_\(stride)"]?.replaceSubrange(4 * at..<4 * at + 4, with: [0.5, 0.25, log(2), log(3)])
        outputs["kps_\(stride)"]?.replaceSubrange(
            10 * at..<10 * at + 10, with: (0..<10).map { Float($0) / 10 })
        let found = try candidates(outputs)
        try #require(found.count == 1)
        let size = Double(stride)
        #expect(abs(found[0].score - 0.6) < 1e-6)
        #expect(abs(found[0].width - 2 * size) < 1e-4 && abs(found[0].height - 3 * size) < 1e-4)
        #expect(abs(found[0].left - (2.5 - 1) * size) < 1e-4)
        #expect(abs(found[0].top - (1.25 - 1.5) * size) < 1e-4)
        for (i, point) in found[0].points.enumerated() {
            #expect(abs(point.x - (2 + Double(2 * i) / 10) * size) < 1e-4)
            #expect(abs(point.y - (1 + Double(2 * i + 1) / 10) * size) < 1e-4)
        }
        #expect(try candidates(outputs, leastScore: 0.61).isEmpty)
    }

    @Test("an output that is missing or of another size is named")
    func shapes() {
        for key in ["cls_8", "kps_32", "bbox_16"] {
            var outputs = emptyOutputs(width: 96, height: 64)
            let expected = outputs[key]?.count ?? 0
            outputs[key]?.removeLast()
            #expect(
                throws: DetectorError.badOutput(
                    name: "photo", output: key, values: expected - 1, expected: expected)
            ) { try candidates(outputs) }
            outputs[key] = nil
            let error = #expect(throws: DetectorError.self) { try candidates(outputs) }
            #expect(error?.description.contains("has no output \(key)") == true)
        }
    }

    @Test(
        "numbers that are none, without end or absurd make no face",
        arguments: [Float.nan, .infinity, -.infinity, 1e9])
    func absurd(value: Float) throws {
        for (kind, place) in [("bbox", 0), ("bbox", 1), ("bbox", 2), ("bbox", 3), ("kps", 0), ("kps", 9)] {
            var outputs = emptyOutputs(width: 96, height: 64)
            outputs["cls_8"]?[0] = 1
            outputs["obj_8"]?[0] = 1
            #expect(try candidates(outputs).count == 1)
            outputs["\(kind)_8"]?[place] = value
            #expect(try candidates(outputs).isEmpty)
        }
        var outputs = emptyOutputs(width: 96, height: 64)
        outputs["cls_8"]?[0] = value
        outputs["obj_8"]?[0] = 1
        // A score above 1 counts as 1; what is no number is no score.
        #expect(try candidates(outputs).allSatisfy { $0.score == 1 })
    }

    private func candidate(_ left: Double, _ top: Double, _ side: Double, _ score: Double) -> YuNetCandidate {
        YuNetCandidate(
            left: left, top: top, width: side, height: side, score: score,
            points: [Landmark](repeating: Landmark(x: left, y: top), count: 5))
    }

    @Test("the surest of several boxes of a place stays, with points that all of them agree on")
    func merging() throws {
        let found = [candidate(10, 10, 40, 0.6), candidate(12, 10, 40, 0.9), candidate(11, 12, 40, 0.3)]
        let places = merged(found)
        #expect(merged(found.reversed()) == places)
        try #require(places.count == 1)
        #expect(places[0].left == 12 && places[0].score == 0.9)
        #expect(places[0].points[0].x > 11.5 && places[0].points[0].x < 12)
    }

    @Test(
        "a small face in front of a large one is a place of its own, whichever is surer",
        arguments: [0.5, 0.95])
    func inFront(score: Double) {
        let places = [candidate(0, 0, 200, 0.9), candidate(100, 100, 60, score)]
        #expect(merged(places).count == 2)
        #expect(merged([]).isEmpty)
    }
}
