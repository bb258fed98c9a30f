extension Photo {
    /// The whole photo as a chip of `side` × `side` pixels, stretched where it is not square.
    ///
    /// Each pixel is a weighted mean with a triangle filter as wide as the reduction (Heckbert, 1989), or linear
    /// interpolation where the photo is enlarged; a photo of that size comes out as it is. O(pixels); safe from
    /// any thread.
    /// - Throws: `DetectorError.badChip` for a side outside 16…2048, `.badPhoto`.
    public func stretched(toSide side: Int) throws(DetectorError) -> FaceChip {
        guard 16...2048 ~= side else { throw .badChip(side: side, padding: 0) }
        guard width > 0, height > 0, width <= Int(Int32.max) / height, pixels.count == 3 * width * height else {
            throw .badPhoto(name: name, width: width, height: height, values: pixels.count)
        }
        if width == side, height == side { return FaceChip(side: side, pixels: pixels) }
        let columns = Taps(from: width, to: side)
        let rows = Taps(from: height, to: side)
        // Rows that the filter covers are summed while they are still wide: each source pixel is read in order.
        var line = [Float](repeating: 0, count: 3 * width)
        var chip = [UInt8](repeating: 0, count: 3 * side * side)
        unsafe pixels.withUnsafeBufferPointer { pixels in
            unsafe line.withUnsafeMutableBufferPointer { line in
                unsafe chip.withUnsafeMutableBufferPointer { chip in
                    for y in 0..<side {
                        unsafe line.update(repeating: 0)
                        for tap in rows.range(y) {
                            let weight = rows.weights[tap]
                            let start = 3 * width * (rows.first[y] + tap - rows.starts[y])
                            for i in 0..<line.count {
                                unsafe line[i] += weight * Float(pixels[start + i])
                            }
                        }
                        for x in 0..<side {
                            var sum = SIMD4<Float>()
                            for tap in columns.range(x) {
                                let at = 3 * (columns.first[x] + tap - columns.starts[x])
                                unsafe sum +=
                                    columns.weights[tap] * SIMD4(line[at], line[at + 1], line[at + 2], 0)
                            }
                            for channel in 0..<3 {
                                let value = sum[channel].rounded()
                                unsafe chip[3 * (y * side + x) + channel] = UInt8(min(max(value, 0), 255))
                            }
                        }
                    }
                }
            }
        }
        return FaceChip(side: side, pixels: chip)
    }
}

/// For each place of a stretched line, the places of the source it is made of and their weights.
private struct Taps {
    /// The first source place of each.
    private(set) var first: [Int] = []
    /// Where the weights of each begin; one more than there are places.
    private(set) var starts: [Int] = [0]
    private(set) var weights: [Float] = []

    init(from source: Int, to target: Int) {
        let scale = Double(source) / Double(target)
        let radius = max(1, scale)
        for place in 0..<target {
            let centre = (Double(place) + 0.5) * scale - 0.5
            let low = max(0, Int((centre - radius).rounded(.up)))
            let high = min(source - 1, Int((centre + radius).rounded(.down)))
            let shares = (low...max(low, high)).map { max(0, 1 - abs(Double($0) - centre) / radius) }
            let total = shares.reduce(0, +)
            first.append(low)
            weights += shares.map { Float($0 / total) }
            starts.append(weights.count)
        }
    }

    func range(_ place: Int) -> Range<Int> { starts[place]..<starts[place + 1] }
}
