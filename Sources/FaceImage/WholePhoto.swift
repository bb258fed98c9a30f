extension Photo {
    /// The whole photo in the place of a face, for networks that are trained on whole photos.
    ///
    /// The box is the photo's, the score 0 and there are no landmarks, for nothing was looked for; pose is unknown
    /// and so 0. The chip is stretched: what is not square loses its proportions.
    /// - Throws: as `stretched(toSide:)`.
    public func wholeFace(side: Int) throws(DetectorError) -> DetectedFace {
        let chip = try stretched(toSide: side)
        let box = FaceBox(x: 0, y: 0, width: width, height: height)
        return DetectedFace(face: Face(Finding(box: box, score: 0, landmarks: []), chip: chip), chip: chip)
    }
}
