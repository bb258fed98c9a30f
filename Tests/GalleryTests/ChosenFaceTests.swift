import FaceImage
import Testing

@testable import Gallery

@Suite("Which of a photo's faces count")
struct ChosenFaceTests {
    private func face(_ size: Int, doubtful: Bool = false) -> DetectedFace {
        DetectedFace(
            face: Face(
                box: FaceBox(x: 0, y: 0, width: size, height: size), score: doubtful ? 0.8 : 0.95,
                landmarks: [],
                quality: FaceQuality(size: size, sharpness: 20, yaw: 0, roll: 0), isDoubtful: doubtful),
            chip: FaceChip(side: 1, pixels: [0, 0, 0]))
    }

    @Test("a doubtful face beside a sure one does not count, and is told")
    func besideSure() {
        let chosen = ChosenFace([face(30), face(90, doubtful: true)])
        #expect(chosen.detected.face.box.width == 30 && chosen.count == 1)
        #expect(chosen.doubtful.map(\.box.width) == [90])
    }

    @Test("two sure faces are two, whatever else is there")
    func twoSure() {
        let chosen = ChosenFace([face(90), face(30), face(99, doubtful: true)])
        #expect(chosen.detected.face.box.width == 90 && chosen.count == 2 && chosen.doubtful.count == 1)
    }

    @Test("where all are doubtful, all count")
    func allDoubtful() {
        let chosen = ChosenFace([face(90, doubtful: true), face(30, doubtful: true)])
        #expect(chosen.detected.face.box.width == 90 && chosen.count == 2 && chosen.doubtful.isEmpty)
        #expect(ChosenFace([face(30, doubtful: true)]).count == 1)
    }
}
