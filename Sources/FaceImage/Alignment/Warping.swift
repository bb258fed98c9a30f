extension Photo {
    /// The square of `side` × `side` pixels that `transform` brings out of this photo; black beyond its edges.
    ///
    /// `transform` maps pixels of the photo to pixels of the square. Values between pixels are interpolated linearly.
    /// Where the square is less than half as fine as the photo, the photo is first reduced by a whole number, each
    /// pixel the mean of those it replaces, so that fine patterns do not alias. Results are the same on every
    /// processor: only whole numbers are added.
    ///
    /// O(pixels of the square and of the part of the photo in it). nil where the transform has no inverse or its
    /// numbers are beyond what photos need.
    func warped(by transform: SimilarityTransform, side: Int) -> FaceChip? {
        guard let back = transform.inverse, [back.a, back.b, back.dx, back.dy].allSatisfy({ abs($0) < 1e6 })
        else {
            return nil
        }
        let times = Int(back.scale)
        if times >= 2, let part = reduced(times, part: back.box(ofSide: side)) {
            return FaceChip(
                side: side,
                pixels: bilinear(part.picture, back.reduced(times, x: part.x, y: part.y), side: side))
        }
        return FaceChip(side: side, pixels: bilinear(self, back, side: side))
    }

    /// The part of the photo that `part` covers, reduced `times` times; nil where they share no pixel.
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
private let placeBits = 11
private let one = Int32(1) << placeBits

/// `side` × `side` pixels of `picture` at the places where `places` takes them.
private func bilinear(_ picture: Photo, _ places: SimilarityTransform, side: Int) -> [UInt8] {
    let (width, height) = (picture.width, picture.height)
    let unit = Double(one)
    return unsafe picture.pixels.withUnsafeBufferPointer { source in
        /// A pixel, black beyond the edges.
        func pixel(_ x: Int, _ y: Int) -> SIMD4<Int32> {
            guard x >= 0, x < width, y >= 0, y < height else { return SIMD4() }
            let at = 3 * (y * width + x)
            return unsafe SIMD4(Int32(source[at]), Int32(source[at + 1]), Int32(source[at + 2]), 0)
        }
        return unsafe [UInt8](unsafeUninitializedCapacity: 3 * side * side) { target, filled in
            for row in 0..<side {
                let startX = places.dx - places.b * Double(row)
                let startY = places.dy + places.a * Double(row)
                for column in 0..<side {
                    // Shifted right, negative numbers round down too.
                    let fixedX = Int(((startX + places.a * Double(column)) * unit).rounded())
                    let fixedY = Int(((startY + places.b * Double(column)) * unit).rounded())
                    let (x, y) = (fixedX >> placeBits, fixedY >> placeBits)
                    let right = Int32(truncatingIfNeeded: fixedX) & (one - 1)
                    let below = Int32(truncatingIfNeeded: fixedY) & (one - 1)
                    var sum = pixel(x, y) &* ((one - right) &* (one - below))
                    sum &+= pixel(x + 1, y) &* (right &* (one - below))
                    sum &+= pixel(x, y + 1) &* ((one - right) &* below)
                    sum &+= pixel(x + 1, y + 1) &* (right &* below)
                    sum = (sum &+ (Int32(1) << Int32(2 * placeBits - 1))) &>> Int32(2 * placeBits)
                    let at = 3 * (row * side + column)
                    unsafe target[at] = UInt8(truncatingIfNeeded: sum[0])
                    unsafe target[at + 1] = UInt8(truncatingIfNeeded: sum[1])
                    unsafe target[at + 2] = UInt8(truncatingIfNeeded: sum[2])
                }
            }
            filled = 3 * side * side
        }
    }
}
