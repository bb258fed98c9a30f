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
        unsafe widen(chip, first)
        var (picture, other) = unsafe (first, second)
        if variation.isWarped {
            unsafe warp(picture, other, variation)
            unsafe swap(&picture, &other)
        }
        if variation.blur > 0 { unsafe blur(picture, other, variation.blur) }
        unsafe finish(picture, variation, output)
        unsafe erase(variation, output)
    }

    /// Four floats a pixel: every later step then works on one vector.
    private func widen(_ chip: UnsafePointer<UInt8>, _ to: UnsafeMutablePointer<SIMD4<Float>>) {
        let (from, last) = unsafe (UnsafeRawPointer(chip), side &* side &- 1)
        for pixel in 0..<last {
            // The fourth byte is the next pixel's.
            let bytes = unsafe from.loadUnaligned(fromByteOffset: 3 &* pixel, as: SIMD4<UInt8>.self)
            unsafe to[pixel] = SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: bytes))
        }
        let end = unsafe chip + 3 * last
        unsafe to[last] = SIMD4(Float(end[0]), Float(end[1]), Float(end[2]), 0)
    }

    private func warp(
        _ from: UnsafePointer<SIMD4<Float>>, _ to: UnsafeMutablePointer<SIMD4<Float>>, _ variation: Variation
    ) {
        let (a, b, c, d, e, f) = variation.warp
        // Places in whole numbers, 2²⁰ a pixel: exact for a mirror image, to 10⁻³ of a pixel for all others, and
        // no float need be checked before it becomes an index.
        let one: Float = 0x1p20
        let (stepX, stepY, last) = (Int(a * one), Int(d * one), (side &- 1) << 20)
        for row in 0..<side {
            var x = Int((b * Float(row) + c) * one)
            var y = Int((e * Float(row) + f) * one)
            let line = unsafe to + row &* side
            for column in 0..<side {
                let (inX, inY) = (min(max(x, 0), last), min(max(y, 0), last))
                let (left, top) = (inX >> 20, inY >> 20)
                // Beyond the last pixel lies itself.
                let right = inX < last ? 1 : 0
                let below = inY < last ? side : 0
                let across = Float(Int32(truncatingIfNeeded: inX & 0xf_ffff)) * 0x1p-20
                let down = Float(Int32(truncatingIfNeeded: inY & 0xf_ffff)) * 0x1p-20
                let corner = unsafe from + (top &* side &+ left)
                let over = unsafe corner[0] + (corner[right] - corner[0]) * across
                let under = unsafe corner[below] + (corner[below &+ right] - corner[below]) * across
                unsafe line[column] = over + (under - over) * down
                x &+= stepX
                y &+= stepY
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
        let (gain, offset) = (SIMD4(repeating: variation.gain), SIMD4(repeating: variation.offset))
        let (least, most) = (SIMD4<Float>(repeating: 0), SIMD4<Float>(repeating: 255))
        let luma = SIMD4<Float>(0.299, 0.587, 0.114, 0)
        let scale = SIMD4(repeating: self.scale)
        let (to, last) = (UnsafeMutableRawPointer(output), side &* side &- 1)
        for pixel in 0...last {
            var value = unsafe picture[pixel]
            // ITU-R BT.601.
            if variation.isGrey { value = SIMD4(repeating: (value * luma).sum()) }
            value = value * gain + offset
            value.replace(with: least, where: value .< least)
            value.replace(with: most, where: value .> most)
            value = (value - mean) * scale
            guard pixel < last else {
                for channel in 0..<3 { unsafe output[3 &* pixel &+ channel] = value[channel] }
                return
            }
            // The fourth number is the next pixel's place, written after this one's.
            unsafe to.storeBytes(of: value, toByteOffset: 12 &* pixel, as: SIMD4<Float>.self)
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
