/// YuNet: faces from 16 pixels to the whole photo, turned up to profile, with eyes, tip of the nose and mouth corners.
///
/// A score is 0…1 and no probability: what is below 0.7 in a second look, in which every face has the same size, is
/// no face, and what is below `sureScore` is doubtful. Doubtful findings are given too: who counts faces decides
/// whether they count.
///
/// How small a face may be: every face is found whose box is 16 pixels wide or more, in photos of up to 4,096 pixels;
/// a larger photo is reduced to that (`leastFace`). It is looked for whatever else the photo shows. A photo is seen as
/// a whole at up to 512 pixels, and a larger one in tiles at its own scale too.
///
/// A finding that is unsure is also looked at turned by 90, 180 and 270 degrees. Where it scores higher so, the photo
/// stands on its head or lies on its side there: the face is given as it was found in the turned look, with its roll.
/// So most faces of photos turned without a note in the file are found; `anyRotation` finds them all at four times the
/// cost.
///
/// Time: what the network takes for the photo's own pixels, and for 256 × 256 more a face (twice that for a tilted
/// one, three quarters more for an unsure one).
public struct YuNetFinder: FaceFinder {
    private let network: any DetectionNetwork
    private let anyRotation: Bool
    private let least: Int
    private let singleLook: Int?

    /// Middles of the eyes, tip of the nose and corners of the mouth.
    public let scheme = LandmarkScheme.eyesNoseAndMouth

    /// The score below which a finding is doubtful.
    public static let sureScore = YuNetPlan.sureScore

    /// A finder that runs `network`.
    ///
    /// - Parameters:
    ///   - network: YuNet's graph, from a photo to scores, boxes and points.
    ///   - anyRotation: search the photo in all four turns.
    ///   - leastFace: the smallest face that must be found, in pixels; 32 takes a quarter of the time of 16 in photos
    ///     above 1,024 pixels.
    ///   - singleLook: the longer side, in pixels, to which the whole photo is enlarged or reduced for a single look,
    ///     as many programs use YuNet; nil for the search described above. Small faces, faces on their side and those
    ///     of group photos are missed; for comparisons.
    public init(
        network: any DetectionNetwork, anyRotation: Bool = false, leastFace: Int = 16, singleLook: Int? = nil
    ) {
        (self.network, self.anyRotation) = (network, anyRotation)
        (least, self.singleLook) = (leastFace, singleLook)
    }

    /// 16 pixels (or as many as were asked for), more in photos above 4,096 pixels.
    public func leastFace(width: Int, height: Int) -> Int {
        YuNetPlan.leastFace(width: width, height: height, leastFace: least)
    }

    /// As `FaceFinder` says; `Finding.scheme` is `.eyesNoseAndMouth`.
    public func findings(in photo: Photo) throws(DetectorError) -> [Finding] {
        let plan = YuNetPlan(width: photo.width, height: photo.height, leastFace: least)
        let search = YuNetSearch(photo: photo, network: network, anyRotation: anyRotation)
        guard let singleLook else { return try search.findings(plan) }
        return try search.findings(
            YuNetPlan.singleView(width: photo.width, height: photo.height, side: singleLook))
    }
}
