extension Photo {
    /// The square of `side` × `side` pixels that `transform` brings out of this photo; black beyond its edges.
    ///
    /// `transform` maps pixels of the photo to pixels of the square. Values between pixels are interpolated linearly.
    /// Where the square is less than half as fine as the photo, the photo is first reduced by a whole number, each
    /// pixel the mean of those it replaces, so that fine patterns do not alias. Results are the same on every
    /// processor: only whole numbers are added.
    ///
    /// O(pixels of the square and of the part of the photo in it). nil if the transform has no inverse or its
    /// numbers are beyond what photos need.
    func warped(by transform: SimilarityTransform, side: Int) -> FaceChip? {
        guard let back = transform.inverse, [back.a, back.b, back.dx, back.dy].allSatisfy({ abs($0) < 1e6 })
        else {
            return nil
        }
        let times = Int(back.scale)
        guard times >= 2 else { return FaceChip(side: side, pixels: bilinear(self, back, side: side)) }
        guard let part = reduced(times, part: back.box(ofSide: side)) else {
            return FaceChip(side: side, pixels: [UInt8](repeating: 0, count: 3 * side * side))
        }
        return FaceChip(
            side: side, pixels: bilinear(part.picture, back.reduced(times, x: part.x, y: part.y), side: side))
    }

    /// The part of the photo that `part` covers, reduced `times` times; nil if they share no pixel.
    ///
    /// `x`, `y`: the photo's pixel where the part begins.
    private func reduced(_ times: Int, part: FaceBox) -> (picture: Photo, x: Int, y: Int)? {
        let (left, top) = (max(0, part.x), max(0, part.y))
        let (right, bottom) = (min(width, part.x + part.width), min(height, part.y + part.height))
        guard left < right, top < bottom else { return nil }
        let columns = (right - left + times - 1) / times
        let rows = (bottom - top + times - 1) / times
        var small = [UInt8](repeating: 0, count: 3 * columns * rows)
        var sums = [UInt32](repeating: 0, count: 3 * columns)
        unsafe pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<rows {
                for i in sums.indices { sums[i] = 0 }
                let lines = top + row * times..<min(bottom, top + (row + 1) * times)
                for line in lines {
                    var at = 3 * (line * width + left)
                    for column in 0..<columns {
                        let end = 3 * (line * width + min(right, left + (column + 1) * times))
                        var sum = SIMD4<UInt32>()
                        while at < end {
                            sum &+= unsafe SIMD4(
                                UInt32(pixels[at]), UInt32(pixels[at + 1]), UInt32(pixels[at + 2]), 0)
                            at += 3
                        }
                        for channel in 0..<3 { sums[3 * column + channel] &+= sum[channel] }
                    }
                }
                for column in 0..<columns {
                    let across = min(right, left + (column + 1) * times) - (left + column * times)
                    let count = UInt32(across * lines.count)
                    for channel in 3 * column..<3 * column + 3 {
                        small[3 * row * columns + channel] = UInt8((sums[channel] + count / 2) / count)
                    }
                }
            }
        }
        return (Photo(name: name, width: columns, height: rows, pixels: small), left, top)
    }
}

extension SimilarityTransform {
    /// The pixels that a square's pixels come from, and one more on each side.
    fileprivate func box(ofSide side: Int) -> FaceBox {
        let last = Double(side)
        let corners = [(-1.0, -1.0), (last, -1), (-1, last), (last, last)].map {
            self(Landmark(x: $0.0, y: $0.1))
        }
        let (xs, ys) = (corners.map(\.x), corners.map(\.y))
        let (left, top) = (Int((xs.min() ?? 0).rounded(.down)), Int((ys.min() ?? 0).rounded(.down)))
        let (right, bottom) = (Int((xs.max() ?? 0).rounded(.up)), Int((ys.max() ?? 0).rounded(.up)))
        return FaceBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
    }

    /// The same for a picture that begins at (x, y) and has a pixel for every `times` × `times`.
    ///
    /// The middle of its first pixel is the middle of these.
    fileprivate func reduced(_ times: Int, x: Int, y: Int) -> SimilarityTransform {
        let factor = Double(times)
        return SimilarityTransform(
            a: a / factor, b: b / factor, dx: (dx - Double(x) + 0.5) / factor - 0.5,
            dy: (dy - Double(y) + 0.5) / factor - 0.5)
    }
}

/// Bits after the binary point of a place between pixels: two shares and a byte fit 30 bits.
private let placeBits: Int64 = 11
private let one = UInt64(1) << placeBits
/// Bits after the binary point while places are counted on from pixel to pixel, of at most 2²² pixels: after 4,096 steps
/// a place is off by less than the last of the bits above.
private let stepBits: Int64 = 40

/// `side` × `side` pixels of `picture` at the places where `places` takes them.
private func bilinear(_ picture: Photo, _ places: SimilarityTransform, side: Int) -> [UInt8] {
    let fixed = Double(Int64(1) << stepBits)
    let (acrossX, acrossY) = (Int64((places.a * fixed).rounded()), Int64((places.b * fixed).rounded()))
    // What is cut off below rounds.
    let half = Int64(1) << (stepBits - placeBits - 1)
    return unsafe picture.pixels.withUnsafeBufferPointer { buffer in
        unsafe [UInt8](unsafeUninitializedCapacity: 3 * side * side) { target, filled in
            let source = unsafe PixelSource(buffer, width: picture.width, height: picture.height)
            var at = 0
            for row in 0..<side {
                var x = Int64(((places.dx - places.b * Double(row)) * fixed).rounded()) + half
                var y = Int64(((places.dy + places.a * Double(row)) * fixed).rounded()) + half
                for _ in 0..<side {
                    let pixel = source.pixel(x >> (stepBits - placeBits), y >> (stepBits - placeBits))
                    unsafe target[at] = pixel.red
                    unsafe target[at + 1] = pixel.green
                    unsafe target[at + 2] = pixel.blue
                    at += 3
                    x += acrossX
                    y += acrossY
                }
            }
            filled = at
        }
    }
}

/// A picture that is asked for pixels between its own.
@safe private struct PixelSource {
    /// Red in the low half and blue in the high half of the one number, green in the other: a multiplication weighs
    /// two of them.
    private struct Parts {
        var redAndBlue: UInt64 = 0
        var green: UInt64 = 0
    }

    private let pixels: UnsafeBufferPointer<UInt8>
    private let width: Int64, height: Int64

    init(_ pixels: UnsafeBufferPointer<UInt8>, width: Int, height: Int) {
        unsafe self.pixels = pixels
        (self.width, self.height) = (Int64(width), Int64(height))
    }

    /// The colour at a place, given in units of 2⁻¹¹ pixels.
    @inline(__always)
    func pixel(_ fixedX: Int64, _ fixedY: Int64) -> (red: UInt8, green: UInt8, blue: UInt8) {
        // Shifted right, negative numbers round down too.
        let (x, y) = (fixedX >> placeBits, fixedY >> placeBits)
        let right = UInt64(truncatingIfNeeded: fixedX) & (one - 1)
        let below = UInt64(truncatingIfNeeded: fixedY) & (one - 1)
        let parts: (Parts, Parts, Parts, Parts)
        if x >= 0, y >= 0, x + 1 < width, y + 1 < height {
            let at = Int(3 * (y * width + x))
            let next = at + Int(3 * width)
            parts = (whole(at), whole(at + 3), whole(next), whole(next + 3))
        } else {
            parts = (inside(x, y), inside(x + 1, y), inside(x, y + 1), inside(x + 1, y + 1))
        }
        let weights = (
            (one - right) &* (one - below), right &* (one - below), (one - right) &* below, right &* below
        )
        let halves: UInt64 = 1 << UInt64(2 * placeBits - 1)
        let redAndBlue =
            parts.0.redAndBlue &* weights.0 &+ parts.1.redAndBlue &* weights.1
            &+ parts.2.redAndBlue &* weights.2 &+ parts.3.redAndBlue &* weights.3 &+ (halves | halves << 32)
        let green =
            parts.0.green &* weights.0 &+ parts.1.green &* weights.1 &+ parts.2.green &* weights.2
            &+ parts.3.green &* weights.3 &+ halves
        let shift = UInt64(2 * placeBits)
        return (
            UInt8(truncatingIfNeeded: redAndBlue >> shift), UInt8(truncatingIfNeeded: green >> shift),
            UInt8(truncatingIfNeeded: redAndBlue >> (shift + 32))
        )
    }

    /// The pixel whose first byte is at `at`.
    @inline(__always)
    private func whole(_ at: Int) -> Parts {
        unsafe Parts(
            redAndBlue: UInt64(pixels[at]) | UInt64(pixels[at + 2]) << 32, green: UInt64(pixels[at + 1]))
    }

    /// A pixel, black beyond the edges.
    private func inside(_ x: Int64, _ y: Int64) -> Parts {
        guard x >= 0, x < width, y >= 0, y < height else { return Parts() }
        return whole(Int(3 * (y * width + x)))
    }
}
