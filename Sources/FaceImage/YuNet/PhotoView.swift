/// A part of a photo as a network looks at it: cut out, scaled, turned, and black where it reaches beyond the photo.
struct PhotoView: Equatable, Sendable {
    /// The part's left and top edges; 0 is the photo's.
    let left: Double, top: Double
    /// Pixels of the view for each pixel of the photo.
    let scale: Double
    /// Pixels across and down before it is turned, multiples of 32.
    let width: Int, height: Int
    /// How often it is turned clockwise by 90 degrees, 0…3.
    let quarterTurns: Int

    init(left: Double, top: Double, scale: Double, width: Int, height: Int, quarterTurns: Int = 0) {
        (self.left, self.top, self.scale) = (left, top, scale)
        (self.width, self.height, self.quarterTurns) = (width, height, quarterTurns)
    }

    /// Pixels across and down of the turned view.
    var shownWidth: Int { quarterTurns.isMultiple(of: 2) ? width : height }
    var shownHeight: Int { quarterTurns.isMultiple(of: 2) ? height : width }

    /// The same part, turned further.
    func turned(_ turns: Int) -> PhotoView {
        PhotoView(
            left: left, top: top, scale: scale, width: width, height: height,
            quarterTurns: (quarterTurns + turns) % 4)
    }

    /// A candidate of the turned view, in pixels of the photo.
    func inPhoto(_ candidate: YuNetCandidate) -> YuNetCandidate {
        let one = unturned(candidate.left, candidate.top, inset: 0)
        let other = unturned(candidate.left + candidate.width, candidate.top + candidate.height, inset: 0)
        return YuNetCandidate(
            left: left + min(one.x, other.x) / scale, top: top + min(one.y, other.y) / scale,
            width: abs(one.x - other.x) / scale, height: abs(one.y - other.y) / scale, score: candidate.score,
            points: candidate.points.map { point in
                // Points are pixels, whose last is one less than the edge.
                let place = unturned(point.x, point.y, inset: 1)
                return Landmark(x: left + place.x / scale, y: top + place.y / scale)
            })
    }

    private func unturned(_ x: Double, _ y: Double, inset: Int) -> (x: Double, y: Double) {
        let (right, bottom) = (Double(width - inset), Double(height - inset))
        return switch quarterTurns {
        case 1: (y, bottom - x)
        case 2: (right - x, bottom - y)
        case 3: (right - y, x)
        default: (x, y)
        }
    }

    /// Writes the view's picture as `DetectionNetwork` takes it: blue, green, red, 0…255, row by row.
    ///
    /// Linear interpolation where the photo is enlarged, and a triangle filter as wide as the reduction where it is
    /// reduced. O(pixels of the part and of the view).
    func write(_ photo: Photo, to picture: inout MutableSpan<Float>) {
        precondition(picture.count == 3 * width * height, "a picture of the view's size is needed")
        guard quarterTurns > 0 else {
            return unsafe picture.withUnsafeMutableBufferPointer { unsafe upright(photo, $0) }
        }
        let pixels = unsafe [Float](unsafeUninitializedCapacity: picture.count) { buffer, filled in
            unsafe upright(photo, buffer)
            filled = buffer.count
        }
        turn(pixels, to: &picture)
    }

    /// Writes the view before it is turned; every number of `target`, which has its size.
    private func upright(_ photo: Photo, _ target: UnsafeMutableBufferPointer<Float>) {
        let columns = ViewTaps(start: left, scale: scale, count: width, length: photo.width)
        let rows = ViewTaps(start: top, scale: scale, count: height, length: photo.height)
        guard let across = columns.covered, rows.covered != nil else {
            return unsafe target.update(repeating: 0)
        }
        // Rows are summed while they are still wide: each pixel of the photo is read in order.
        var line = [Float](repeating: 0, count: 3 * across.count)
        let count = line.count
        unsafe photo.pixels.withUnsafeBufferPointer { source in
            unsafe line.withUnsafeMutableBufferPointer { line in
                for y in 0..<height {
                    guard rows.starts[y] < rows.starts[y + 1] else {
                        let beyond = unsafe target[3 * y * width..<3 * (y + 1) * width]
                        unsafe UnsafeMutableBufferPointer(rebasing: beyond).update(repeating: 0)
                        continue
                    }
                    for tap in rows.starts[y]..<rows.starts[y + 1] {
                        let row = rows.first[y] + tap - rows.starts[y]
                        let start = 3 * (row * photo.width + across.lowerBound)
                        let weight = rows.weights[tap]
                        if tap == rows.starts[y] {
                            for i in 0..<count { unsafe line[i] = weight * Float(source[start + i]) }
                        } else {
                            for i in 0..<count { unsafe line[i] += weight * Float(source[start + i]) }
                        }
                    }
                    for x in 0..<width {
                        var (red, green, blue) = (Float(0), Float(0), Float(0))
                        var at = 3 * (columns.first[x] - across.lowerBound)
                        for tap in columns.starts[x]..<columns.starts[x + 1] {
                            let weight = columns.weights[tap]
                            unsafe red += weight * line[at]
                            unsafe green += weight * line[at + 1]
                            unsafe blue += weight * line[at + 2]
                            at += 3
                        }
                        let place = 3 * (y * width + x)
                        unsafe target[place] = blue
                        unsafe target[place + 1] = green
                        unsafe target[place + 2] = red
                    }
                }
            }
        }
    }

    private func turn(_ upright: [Float], to turned: inout MutableSpan<Float>) {
        var at = 0
        for y in 0..<shownHeight {
            for x in 0..<shownWidth {
                let from =
                    switch quarterTurns {
                    case 1: (height - 1 - x) * width + y
                    case 2: (height - 1 - y) * width + width - 1 - x
                    default: x * width + width - 1 - y
                    }
                for channel in 0..<3 { turned[at + channel] = upright[3 * from + channel] }
                at += 3
            }
        }
    }
}

/// For each place of a scaled line, the places of the photo's line it is made of and their weights.
private struct ViewTaps {
    /// The first place of the photo for each; 0 if there is none.
    private(set) var first: [Int] = []
    /// Where the weights of each begin; one more than there are places.
    private(set) var starts: [Int] = [0]
    private(set) var weights: [Float] = []
    /// All places of the photo that are needed; nil if none is.
    private(set) var covered: Range<Int>?

    /// `start`: the edge of the first place, in places of a photo's line of `length`.
    init(start: Double, scale: Double, count: Int, length: Int) {
        let radius = max(1, 1 / scale)
        for place in 0..<count {
            let centre = start + (Double(place) + 0.5) / scale - 0.5
            let low = max(0, Int((centre - radius).rounded(.up)))
            let high = min(length - 1, Int((centre + radius).rounded(.down)))
            // Beyond the edge the view is black; within it, what the filter misses of the photo is not.
            if centre >= -0.5, centre <= Double(length) - 0.5, low <= high {
                let shares = (low...high).map { max(0, 1 - abs(Double($0) - centre) / radius) }
                let total = shares.reduce(0, +)
                if total > 0 {
                    first.append(low)
                    weights += shares.map { Float($0 / total) }
                    covered = min(covered?.lowerBound ?? low, low)..<max(covered?.upperBound ?? 0, high + 1)
                    starts.append(weights.count)
                    continue
                }
            }
            first.append(0)
            starts.append(weights.count)
        }
    }
}
