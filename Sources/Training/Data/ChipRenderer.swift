internal import Glibc

/// Makes a network's input of a chip: varied by chance, normalised, red, green and blue of each pixel in turn.
///
/// Owns its working memory (32 bytes a pixel) and allocates nothing per chip. One thread's at a time.
@safe
public struct ChipRenderer: ~Copyable {
    /// Pixels across and down.
    public let side: Int
    private let augmentation: Augmentation
    private let mean: SIMD4<Float>
    private let scale: Float
    private let seed: UInt64
    /// Two pictures of four floats a pixel.
    private let first: UnsafeMutablePointer<SIMD4<Float>>
    private let second: UnsafeMutablePointer<SIMD4<Float>>

    /// - Throws: `badArgument` for an augmentation or side outside its range.
    public init(
        side: Int, augmentation: Augmentation, normalisation: Normalisation, seed: UInt64
    ) throws(TrainingError) {
        guard 1...2048 ~= side else {
            throw .badArgument(name: "the chips' side", reason: "is \(side), outside 1...2048")
        }
        try augmentation.check()
        self.side = side
        self.augmentation = augmentation
        self.seed = seed
        mean = SIMD4(normalisation.mean[0], normalisation.mean[1], normalisation.mean[2], 0)
        scale = normalisation.scale
        unsafe first = .allocate(capacity: side * side)
        unsafe second = .allocate(capacity: side * side)
        unsafe first.initialize(repeating: SIMD4(), count: side * side)
        unsafe second.initialize(repeating: SIMD4(), count: side * side)
    }

    deinit {
        unsafe first.deallocate()
        unsafe second.deallocate()
    }

    /// Writes the input made of a chip; what chance does depends on the seed, epoch, batch and slot alone.
    ///
    /// - Precondition: `chip` and `output` have 3 · side² values.
    public mutating func render(
        _ chip: Span<UInt8>, epoch: Int, batch: Int, slot: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(chip.count == 3 * side * side && output.count == chip.count, "not a chip of side \(side)")
        unsafe chip.withUnsafeBufferPointer { chip in
            guard let chip = chip.baseAddress, let output = output.baseAddress else { return }
            if augmentation == .none { return unsafe normalise(chip, output) }
            let variation = Variation(
                augmentation, side: side, seed: seed, epoch: epoch, batch: batch, slot: slot)
            unsafe vary(chip, variation, output)
        }
    }

    private func normalise(_ chip: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
        var at = 0
        while at < 3 * side * side {
            unsafe output[at] = (Float(chip[at]) - mean.x) * scale
            unsafe output[at + 1] = (Float(chip[at + 1]) - mean.y) * scale
            unsafe output[at + 2] = (Float(chip[at + 2]) - mean.z) * scale
            at += 3
        }
    }

    private func vary(
        _ chip: UnsafePointer<UInt8>, _ variation: Variation, _ output: UnsafeMutablePointer<Float>
    ) {
        for pixel in 0..<side * side {
            let at = unsafe chip + 3 * pixel
            unsafe first[pixel] = SIMD4(Float(at[0]), Float(at[1]), Float(at[2]), 0)
        }
        var (picture, other) = unsafe (first, second)
        if variation.isWarped {
            unsafe warp(picture, other, variation)
            unsafe swap(&picture, &other)
        }
        if variation.blur > 0 { unsafe blur(picture, other, variation.blur) }
        unsafe finish(picture, variation, output)
        unsafe erase(variation, output)
    }

    private func warp(
        _ from: UnsafePointer<SIMD4<Float>>, _ to: UnsafeMutablePointer<SIMD4<Float>>, _ variation: Variation
    ) {
        let (a, b, c, d, e, f) = variation.warp
        let last = Float(side - 1)
        for row in 0..<side {
            let start = (b * Float(row) + c, e * Float(row) + f)
            for column in 0..<side {
                let x = min(max(a * Float(column) + start.0, 0), last)
                let y = min(max(d * Float(column) + start.1, 0), last)
                let (left, top) = (Int(truncatingIfNeeded: Int32(x)), Int(truncatingIfNeeded: Int32(y)))
                let (right, bottom) = (min(left &+ 1, side &- 1), min(top &+ 1, side &- 1))
                let (across, down) = (x - Float(left), y - Float(top))
                let (upper, lower) = unsafe (from + top &* side, from + bottom &* side)
                let over = unsafe upper[left] + (upper[right] - upper[left]) * across
                let under = unsafe lower[left] + (lower[right] - lower[left]) * across
                unsafe to[row &* side &+ column] = over + (under - over) * down
            }
        }
    }

    /// A Gaussian of five taps, across into `other` and down back into `picture`.
    private func blur(
        _ picture: UnsafeMutablePointer<SIMD4<Float>>, _ other: UnsafeMutablePointer<SIMD4<Float>>,
        _ deviation: Float
    ) {
        let (near, far) = (exp(-1 / (2 * deviation * deviation)), exp(-4 / (2 * deviation * deviation)))
        let total = 1 + 2 * near + 2 * far
        let weights = (1 / total, near / total, far / total)
        for row in 0..<side {
            unsafe filter(picture + row * side, other + row * side, step: 1, weights)
        }
        for column in 0..<side {
            unsafe filter(other + column, picture + column, step: side, weights)
        }
    }

    private func filter(
        _ from: UnsafePointer<SIMD4<Float>>, _ to: UnsafeMutablePointer<SIMD4<Float>>, step: Int,
        _ weights: (Float, Float, Float)
    ) {
        let last = side &- 1
        for at in 0..<side {
            let near = unsafe from[max(at &- 1, 0) &* step] + from[min(at &+ 1, last) &* step]
            let far = unsafe from[max(at &- 2, 0) &* step] + from[min(at &+ 2, last) &* step]
            unsafe to[at &* step] = from[at &* step] * weights.0 + near * weights.1 + far * weights.2
        }
    }

    /// Colours, then the network's normalisation.
    private func finish(
        _ picture: UnsafePointer<SIMD4<Float>>, _ variation: Variation, _ output: UnsafeMutablePointer<Float>
    ) {
        let (gain, offset) = (variation.gain, variation.offset)
        let (least, most) = (SIMD4<Float>(repeating: 0), SIMD4<Float>(repeating: 255))
        var at = unsafe output
        for pixel in 0..<side * side {
            var value = unsafe picture[pixel]
            if variation.isGrey {
                // Luma of ITU-R BT.601.
                value = SIMD4(repeating: value.x * 0.299 + value.y * 0.587 + value.z * 0.114)
            }
            value = value * gain + offset
            value = (pointwiseMin(pointwiseMax(value, least), most) - mean) * scale
            unsafe at[0] = value.x
            unsafe at[1] = value.y
            unsafe at[2] = value.z
            unsafe at += 3
        }
    }

    /// The mean is 0 after normalisation.
    private func erase(_ variation: Variation, _ output: UnsafeMutablePointer<Float>) {
        let columns = variation.erased.columns
        for row in variation.erased.rows {
            unsafe (output + 3 * (row * side + columns.lowerBound)).update(
                repeating: 0, count: 3 * columns.count)
        }
    }
}
