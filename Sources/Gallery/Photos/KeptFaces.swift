public import FaceImage
public import GalleryModel
import Network

extension ReferenceChip {
    /// What a gallery stores of a face that is kept.
    public init(_ kept: KeptFace) {
        func number(_ value: Int) -> Int32 { Int32(clamping: value) }
        let (box, points) = (kept.box, kept.landmarks)
        let scheme: Points =
            if kept.isWholePhoto { .none } else {
                switch kept.scheme {
                case .eyeCornersAndNoseBase: .eyeCornersAndNoseBase
                case .eyesNoseAndMouth: .eyesNoseAndMouth
                }
            }
        self.init(
            side: kept.side, box: SIMD4(number(box.x), number(box.y), number(box.width), number(box.height)),
            scheme: scheme, points: points.map { SIMD2(Float($0.x), Float($0.y)) }, picture: kept.jpeg)
    }
}

extension KeptFace {
    /// What a gallery has stored of a face that was kept.
    public init(_ chip: ReferenceChip) {
        let box = chip.box
        self.init(
            side: chip.side,
            box: FaceBox(x: Int(box[0]), y: Int(box[1]), width: Int(box[2]), height: Int(box[3])),
            landmarks: chip.points.map { Landmark(x: Double($0.x), y: Double($0.y)) },
            scheme: chip.scheme == .eyesNoseAndMouth ? .eyesNoseAndMouth : .eyeCornersAndNoseBase,
            jpeg: chip.picture)
    }
}

extension PhotoEncoder {
    /// The faces of a kept picture as this encoder's network takes them: the one that was kept; of a photo that was
    /// taken whole all that are found in it; none where the picture does not show what the network takes.
    ///
    /// - Parameters:
    ///   - kept: the picture and where the face is in it.
    ///   - name: what errors call the picture.
    /// - Throws: `.photo` where the picture is damaged, `.detector`.
    public func faces(of kept: KeptFace, named name: String) throws(GalleryError) -> [DetectedFace] {
        let picture = try wrap { () throws(PhotoError) in try kept.photo(name: name, shouldStop: shouldStop) }
        return try wrap { () throws(DetectorError) in
            guard let detector else {
                return kept.isWholePhoto ? [try picture.wholeFace(side: card.input.side)] : []
            }
            if kept.isWholePhoto { return try detector.faces(in: picture) }
            return try detector.face(kept, in: picture).map { [$0] } ?? []
        }
    }
}
