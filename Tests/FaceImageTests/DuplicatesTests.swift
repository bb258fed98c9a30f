import Testing

@testable import FaceImage

/// Findings that no photo was needed for: the rules hold for any detector.
@Suite("telling faces from repeated findings") struct DuplicatesTests {
    /// A finding whose eyes and nose lie in its box as they do in a face; `shift` moves them, in widths of the box.
    private func finding(
        _ x: Int, _ y: Int, _ side: Int, score: Double = 1, shift: Double = 0
    ) -> Finding {
        let across = [0.78, 0.60, 0.22, 0.40, 0.5]
        let down = [0.3, 0.3, 0.3, 0.3, 0.55]
        let landmarks = zip(across, down).map {
            Landmark(x: Double(x) + ($0 + shift) * Double(side), y: Double(y) + $1 * Double(side))
        }
        return Finding(
            box: FaceBox(x: x, y: y, width: side, height: side), score: score, landmarks: landmarks)
    }

    @Test("a small face in front of a large one is a second face, whichever is surer", arguments: [0.5, 2])
    func inFront(scoreOfSmall: Double) {
        let large = finding(137, 161, 216, score: 1.1)
        let small = finding(266, 280, 87, score: scoreOfSmall)
        #expect(large.box.overlap(with: small.box) == small.box.area)
        #expect(distinct([large, small]).count == 2)
        #expect(distinct([small, large]).count == 2)
    }

    @Test("the surest of several findings of one face stays, and the order given does not matter")
    func repeated() {
        // One face in steps of the detector's sizes.
        let found = [
            finding(93, 93, 73, score: 0.2), finding(83, 83, 88, score: 0.7), finding(77, 77, 105, score: 1.7),
            finding(65, 65, 125, score: 0.9),
        ]
        #expect(distinct(found) == [found[2]])
        #expect(distinct(found.reversed()) == [found[2]])
        #expect(clustered(found.map { Candidate(box: $0.box, score: $0.score) }).first?.box == found[2].box)
    }

    @Test("boxes of very different size with the same eyes and nose are one face")
    func sameFeatures() {
        var loose = finding(45, 45, 150, score: 0.5)
        let tight = finding(93, 93, 73, score: 1.4)
        #expect(loose.box.overlapOfUnion(with: tight.box) < 1 / 3.0)
        #expect(distinct([loose, tight]).count == 2)
        loose.landmarks = tight.landmarks.map { Landmark(x: $0.x + 3, y: $0.y - 3) }
        #expect(distinct([loose, tight]) == [tight])
    }

    @Test("heads that touch are two faces")
    func cheekToCheek() {
        let (left, right) = (finding(100, 100, 100, score: 1.2), finding(155, 110, 100))
        #expect(left.box.overlapOfUnion(with: right.box) > 0.2)
        #expect(distinct([left, right]).count == 2)
    }

    @Test("boxes that are nearly the same are one face, even with different eyes")
    func sameBoxes() {
        let (one, other) = (finding(100, 100, 100, score: 1.2), finding(110, 110, 100, shift: 0.4))
        #expect(distinct([other, one]) == [one])
    }

    @Test("an unsure finding within a face is a part of it; around a face it is not")
    func parts() {
        let face = finding(65, 79, 125, score: 0.98)
        #expect(distinct([face, finding(101, 150, 37, score: 0.1)]) == [face])
        #expect(distinct([face, finding(101, 150, 37, score: 0.4)]).count == 2)
        #expect(distinct([finding(101, 150, 37, score: 2), finding(65, 79, 125, score: 0.1)]).count == 2)
        // Beside the face it is no part.
        #expect(distinct([face, finding(180, 150, 37, score: 0.1)]).count == 2)
    }

    @Test("faces far apart, none and one stay as they are, the surest first")
    func trivial() {
        #expect(distinct([]).isEmpty)
        #expect(clustered([]).isEmpty)
        let (one, other) = (finding(0, 0, 80, score: 0.1), finding(200, 0, 80, score: 0.2))
        #expect(distinct([one]) == [one])
        #expect(distinct([one, other]) == [other, one])
    }

    @Test("findings without points are told apart by their boxes alone")
    func noLandmarks() {
        let bare = [(0, 1.0), (10, 0.9), (60, 0.8)].map { x, score in
            Finding(box: FaceBox(x: x, y: 0, width: 100, height: 100), score: score, landmarks: [])
        }
        #expect(distinct(bare) == [bare[0], bare[2]])
    }
}
