import Glibc

extension FaceQuality {
    /// Measures a face: its size from the box, its pose from the five landmarks, its sharpness from the chip.
    init(_ finding: Finding, chip: FaceChip) {
        let pose = headPose(finding.landmarks, finding.scheme)
        self.init(
            size: min(finding.box.width, finding.box.height), sharpness: chipSharpness(chip), yaw: pose.yaw,
            roll: pose.roll)
    }
}

/// Yaw and roll in degrees from five points; both 0 where there are not five, or the eyes coincide.
func headPose(_ landmarks: [Landmark], _ scheme: LandmarkScheme) -> (yaw: Double, roll: Double) {
    switch scheme {
    case .eyeCornersAndNoseBase: poseByEyeCorners(landmarks)
    case .eyesNoseAndMouth: poseByEyes(landmarks)
    }
}

/// From dlib's five points.
///
/// Turning a head by θ shortens the distance between the outer eye corners to w·cos θ and moves the base of
/// the nose, which lies p in front of the corners, by p·sin θ: the offset over the distance is (p/w)·tan θ.
/// An adult's p/w is near 0.3; people differ by a third, so yaw is a rough figure.
private func poseByEyeCorners(_ landmarks: [Landmark]) -> (yaw: Double, roll: Double) {
    guard landmarks.count == 5 else { return (0, 0) }
    return pose(
        left: landmarks[2], right: landmarks[0], nose: landmarks[4],
        middle: Landmark.mean(Array(landmarks[..<4])),
        depth: 0.3)
}

/// From YuNet's five points: as above, with the middles of the eyes and the tip of the nose.
///
/// p/w is fitted: over 363 photos of LFW the tangents correlate by 0.90 with those of dlib's points, the angles of roll
/// differ by 1.4 ± 2.4 degrees.
private func poseByEyes(_ landmarks: [Landmark]) -> (yaw: Double, roll: Double) {
    guard landmarks.count == 5 else { return (0, 0) }
    let (left, right) = (landmarks[0], landmarks[1])
    return pose(left: left, right: right, nose: landmarks[2], middle: left.middle(to: right), depth: 0.43)
}

private func pose(
    left: Landmark, right: Landmark, nose: Landmark, middle: Landmark?, depth: Double
) -> (yaw: Double, roll: Double) {
    let across = (x: right.x - left.x, y: right.y - left.y)
    let distance = (across.x * across.x + across.y * across.y).squareRoot()
    guard let middle, distance > 0 else { return (0, 0) }
    let offset = ((nose.x - middle.x) * across.x + (nose.y - middle.y) * across.y) / distance
    let degrees = 180 / Double.pi
    return (atan2(offset, depth * distance) * degrees, atan2(across.y, across.x) * degrees)
}

/// Mean luma of the chips of news photos.
private let averageLight = 110.0
/// What rounding to whole numbers adds: a twelfth for each pixel, weighted by the squares of the Laplacian's weights.
private let roundingVariance = 20.0 / 12

/// Variance of the chip's Laplacian in the light of an average photo, in squared luma steps (luma 0…255); 0 for chips
/// under 3 pixels.
///
/// A photo with half the light has half the contrast, and is as sharp: the variance is that of the chip brought to the
/// mean luma of news photos. The part of it that whole numbers bring by being rounded does not grow with the light, so
/// that a dark photo is not taken for a sharp one. Below a mean luma of 8 there is nothing left to be judged, and the
/// result stays small.
///
/// Luma is (77 R + 150 G + 29 B) / 256, the Laplacian is the four neighbours less four times the pixel, and
/// the border is left out. It is taken of the chip and not of the photo, so that faces of all sizes compare:
/// a small face enlarged to a chip is as blurred as it looks. Linear in the pixels.
func chipSharpness(_ chip: FaceChip) -> Double {
    let side = chip.side
    guard side >= 3, chip.pixels.count == 3 * side * side else { return 0 }
    var luma = [Int32](repeating: 0, count: side * side)
    for i in luma.indices {
        luma[i] =
            (77 * Int32(chip.pixels[3 * i]) + 150 * Int32(chip.pixels[3 * i + 1])
                + 29 * Int32(chip.pixels[3 * i + 2])) >> 8
    }
    var sum = 0
    var squares = 0
    let light = Double(luma.reduce(0) { $0 + Int($1) }) / Double(luma.count)
    for y in 1..<side - 1 {
        for i in y * side + 1..<(y + 1) * side - 1 {
            let value = Int(luma[i - 1] + luma[i + 1] + luma[i - side] + luma[i + side] - 4 * luma[i])
            sum += value
            squares += value * value
        }
    }
    let count = Double((side - 2) * (side - 2))
    let mean = Double(sum) / count
    let variance = Double(squares) / count - mean * mean
    let gain = averageLight / max(light, 8)
    return min(variance, roundingVariance) + max(0, variance - roundingVariance) * gain * gain
}
