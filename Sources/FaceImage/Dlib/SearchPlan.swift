/// One way to search a photo.
struct SearchPass: Equatable, Sendable {
    /// Which faces are looked for, by their size in the scaled photo.
    enum Sizes: Sendable {
        /// From 80 pixels on.
        case all
        /// From 40 to 80 pixels, in haste: what `all` finds in a photo of twice the size, at a quarter of its cost.
        ///
        /// Scores come out 0.9 lower on average, ±0.25.
        case small
        /// From 80 to 120 pixels.
        case near
    }

    /// The size at which the photo is searched, as a multiple of its own.
    var scale = 1.0
    var sizes = Sizes.all
    /// The detector's score from which something is a face.
    var leastScore = 0.0
}

/// How a photo is searched, so that every face of the promised size is found, whatever else it shows.
struct SearchPlan: Equatable, Sendable {
    /// The first search: the photo itself, or reduced to 1,100 pixels on its longer side.
    let ordinary: SearchPass
    /// Finds places where there may be a face too small for the first search.
    let screening: SearchPass
    /// The photo enlarged up to twice, to at most 1,600 pixels on its longer side, for when nothing was found.
    let enlarged: SearchPass
    /// The last one lowers the bar, and the surest of its findings is believed.
    ///
    /// Measured on 250×250 photos: of 19 that show a face and gave none, it finds 11; of 2,000 enlarged patches
    /// beside a face it takes 13 for one, where the bar of 0 takes 5.
    let lowered: SearchPass

    /// The score from which a place that the screening gave is believed, after a second look.
    ///
    /// Measured on 1,958 photos of LFW: of 44 faces that only an enlarged photo shows, 41 are faces, and the three
    /// that are not score 0.03, 0.06 and 0.10.
    static let leastScoreOfSmallFaces = 0.15

    /// The score below which a finding is looked at turned: photos upside down and on their side give none higher.
    static let sureUpright = 1.2

    init(width: Int, height: Int) {
        let longest = Double(max(width, height))
        let first = min(1, 1_100 / longest)
        let second = min(2, 1_600 / longest)
        ordinary = SearchPass(scale: first)
        screening = SearchPass(scale: second / 2, sizes: .small, leastScore: -0.9)
        enlarged = SearchPass(scale: second)
        lowered = SearchPass(scale: first, leastScore: -0.5)
    }

    /// Whether one search of the whole enlarged photo has fewer pixels to look at than a second look at each place.
    func isCheaperAsAWhole(places: Int, width: Int, height: Int) -> Bool {
        let looks = Double(places) * Double(Look.side * Look.side)
        return looks > Double(width) * Double(height) * enlarged.scale * enlarged.scale
    }

    /// The smallest face that is found in a photo, in pixels of the photo: 40, or a twentieth of its longer side.
    static func leastFace(width: Int, height: Int) -> Int { max(40, (max(width, height) + 19) / 20) }
}
