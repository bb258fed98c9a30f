/// A second look at a place of a photo: a square part of it, scaled so that the face has a known size, and turned.
struct Look: Equatable, Sendable {
    /// Pixels across and down of the picture that is looked at.
    ///
    /// A face as large as the candidate's box has half of it, 96 pixels, which `SearchPass.Sizes.near` is made for.
    static let side = 192

    /// The part of the photo, a square; it may reach beyond the photo's edges.
    let region: FaceBox
    /// How often the part is turned clockwise by 90 degrees before it is looked at, 0…3.
    let quarterTurns: Int
    let side = Look.side

    /// A look at the surroundings of a box, twice as wide and high as its longer side.
    init(at box: FaceBox, quarterTurns: Int = 0) {
        let length = max(1, 2 * max(box.width, box.height))
        region = FaceBox(
            x: box.x + (box.width - length) / 2, y: box.y + (box.height - length) / 2, width: length,
            height: length)
        self.quarterTurns = quarterTurns
    }

    /// The picture of `square`, which shows the region unturned, as this look shows it.
    ///
    /// O(pixels).
    func turned(_ square: Photo) -> Photo {
        guard quarterTurns > 0 else { return square }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(square.pixels.count)
        for y in 0..<side {
            for x in 0..<side {
                let (column, row) = unturned(x: x, y: y, last: side - 1)
                let at = 3 * (row * side + column)
                pixels.append(square.pixels[at])
                pixels.append(square.pixels[at + 1])
                pixels.append(square.pixels[at + 2])
            }
        }
        return Photo(name: square.name, width: side, height: side, pixels: pixels)
    }

    /// A box of the picture that is looked at, in pixels of the photo.
    func inPhoto(_ box: FaceBox) -> FaceBox {
        // Edges, not pixels: the last edge is the side itself.
        let one = unturned(x: box.x, y: box.y, last: side)
        let other = unturned(x: box.x + box.width, y: box.y + box.height, last: side)
        func edge(_ value: Int, _ origin: Int) -> Int {
            origin + Int((Double(value) * Double(region.width) / Double(side)).rounded())
        }
        let (left, right) = (edge(min(one.x, other.x), region.x), edge(max(one.x, other.x), region.x))
        let (top, bottom) = (edge(min(one.y, other.y), region.y), edge(max(one.y, other.y), region.y))
        return FaceBox(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// A finding of the picture that is looked at, in pixels of the photo.
    func inPhoto(_ finding: Finding) -> Finding {
        let scale = Double(region.width) / Double(side)
        let landmarks = finding.landmarks.map { point in
            let (x, y) = unturned(x: point.x, y: point.y, last: Double(side - 1))
            return Landmark(
                x: Double(region.x) + (x + 0.5) * scale - 0.5, y: Double(region.y) + (y + 0.5) * scale - 0.5)
        }
        return Finding(box: inPhoto(finding.box), score: finding.score, landmarks: landmarks)
    }

    /// Where a place of the turned picture is in the unturned one; `last` is the largest coordinate.
    private func unturned<Number: SignedNumeric>(x: Number, y: Number, last: Number) -> (x: Number, y: Number) {
        switch quarterTurns {
        case 1: (y, last - x)
        case 2: (last - x, last - y)
        case 3: (last - y, x)
        default: (x, y)
        }
    }
}
