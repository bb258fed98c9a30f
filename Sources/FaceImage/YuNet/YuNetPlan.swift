/// Where YuNet looks in a photo, so that every face of the promised size is found, whatever else the photo shows.
///
/// Measured on 80 faces of LFW, scaled: YuNet sees 16 to 512 pixels of the picture it is given. Of faces 16 pixels wide
/// all score above 0.3 and 90 % above 0.6, of those from 20 on all score above 0.7, of those that fill 512 pixels all
/// score above 0.6. Crops of four fifths of the face alone score as high as faces with surroundings, so photos need
/// no margin.
struct YuNetPlan: Equatable, Sendable {
    /// Every view of the photo, all of them unturned.
    let views: [PhotoView]

    /// Pixels of the overview's longer side at most: larger faces than that score lower.
    static let overviewSide = 512
    /// Pixels of the longer side of a photo that is searched at its own scale; a larger one is reduced to it.
    static let fullSide = 4_096
    /// Pixels of a face that YuNet sees anywhere, in the photo's own scale.
    static let leastFace = 16
    /// The score from which something in these views is looked at again.
    static let leastScoreOfPlaces = 0.3
    /// The score of the second look from which something is a face.
    ///
    /// Measured on 60 photos of LFW: of faces 16 pixels wide 98 % score above 0.8, of those from 18 on all do. Of 300
    /// corners of photos, where faces are rare, enlarged to 7.7 megapixels, one place scores above 0.7.
    static let leastScore = 0.7
    /// The score of the second look below which a face is doubtful.
    ///
    /// Measured on 433 photos of LFW: the surest face of each scores 0.90 and more. Most of what scores less beside it is
    /// a pattern, a hand, or a head that the photo's edge cuts off; counted as faces they would make 17 instead of 6 in
    /// 100 photos those of several people.
    static let sureScore = 0.9
    /// The score of the second look below which a finding is looked at turned.
    ///
    /// Measured on 80 photos of LFW: of upright faces none scores below 0.91, of faces on their head or side none
    /// above 0.90.
    static let sureUpright = 0.9
    /// The score of the second look below which a finding within a surer one is a part of it.
    static let unsureWithin = 0.8
    /// Pixels across and down of a second look.
    static let lookSide = 256
    /// Pixels across and down of a glance, which only tells whether a look is worth its time: a quarter of it.
    static let glanceSide = 128
    /// By how much a glance may score lower than the look that follows it.
    static let glanceMargin = 0.1
    /// How much of the photo a second look shows, in sides of the face.
    ///
    /// Measured on 24 photos of LFW, turned by up to 30 degrees: points are within 0.06 to 0.07 of the eye distance of
    /// those of a search that enlarges the upright photo to 640 pixels. Looks of 160 pixels that show twice the
    /// face give 0.08, and 0.3 for tilted faces.
    static let lookRoom = 1.25
    /// The tilt of the eyes in a look, in radians, from which another look follows it: 5 degrees.
    static let leastTilt = 5 * Double.pi / 180

    init(width: Int, height: Int, leastFace least: Int = leastFace) {
        let longest = Double(max(width, height))
        let overview = min(1, Double(Self.overviewSide) / longest)
        let full = Self.fullScale(longest: longest, leastFace: least)
        var views = [Self.whole(width, height, scale: overview)]
        if full > overview {
            // A face of 20 pixels in the overview is surely seen there; smaller ones lie whole in one of the tiles.
            let shared = 20 / overview
            let columns = Self.tiles(length: Double(width), scale: full, shared: shared)
            let rows = Self.tiles(length: Double(height), scale: full, shared: shared)
            for top in rows.starts {
                for left in columns.starts {
                    views.append(
                        PhotoView(left: left, top: top, scale: full, width: columns.side, height: rows.side))
                }
            }
        }
        self.views = views
    }

    /// A single view of the whole photo, scaled so that its longer side has `side` pixels.
    static func singleView(width: Int, height: Int, side: Int) -> PhotoView {
        whole(width, height, scale: Double(side) / Double(max(width, height)))
    }

    /// The smallest face that is found, in pixels of the photo.
    static func leastFace(width: Int, height: Int, leastFace least: Int = leastFace) -> Int {
        let scale = fullScale(longest: Double(max(width, height)), leastFace: least)
        return Int((Double(leastFace) / scale).rounded(.up))
    }

    private static func fullScale(longest: Double, leastFace least: Int) -> Double {
        min(1, Double(fullSide) / longest, Double(leastFace) / Double(max(1, least)))
    }

    private static func whole(_ width: Int, _ height: Int, scale: Double) -> PhotoView {
        PhotoView(
            left: 0, top: 0, scale: scale, width: rounded(Double(width) * scale),
            height: rounded(Double(height) * scale))
    }

    /// Up to one of few sides: a network keeps what it has prepared for a dozen sizes.
    private static func rounded(_ length: Double) -> Int {
        let step = length <= 256 ? 64 : 128
        return max(1, Int((length / Double(step) - 1e-9).rounded(.up))) * step
    }

    /// Equal tiles that cover a side of the photo and share `shared` pixels of it with each neighbour.
    private static func tiles(
        length: Double, scale: Double, shared: Double
    ) -> (starts: [Double], side: Int) {
        // As large as memory allows: the more tiles, the more is searched twice.
        let largest = 1_280.0
        let count = max(1, ((length - shared) * scale / (largest - shared * scale)).rounded(.up))
        let side = rounded(((length - shared) / count + shared) * scale)
        guard count > 1 else { return ([0], side) }
        let step = (length - Double(side) / scale) / (count - 1)
        return ((0..<Int(count)).map { Double($0) * step }, side)
    }
}
