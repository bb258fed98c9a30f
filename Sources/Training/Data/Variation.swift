internal import Glibc
internal import Network

/// What chance makes of one chip: every number that is drawn for it.
///
/// All numbers are drawn whatever the augmentation asks for, so that switching one part on leaves the others'
/// numbers as they were.
struct Variation {
    /// From a pixel of the result to a place in the chip: `x' = a x + b y + c`, `y' = d x + e y + f`.
    var warp: (a: Float, b: Float, c: Float, d: Float, e: Float, f: Float)
    /// Whether `warp` moves anything.
    var isWarped = false
    /// `value × gain + offset`.
    var gain: Float = 1
    var offset: Float = 0
    var isGrey = false
    /// Standard deviation in pixels; 0 is no blur.
    var blur: Float = 0
    /// Pixels that are erased: columns and rows.
    var erased: (columns: Range<Int>, rows: Range<Int>) = (0..<0, 0..<0)

    /// Draws a variation from `seed` and a place in the run alone.
    init(_ augmentation: Augmentation, side: Int, seed: UInt64, epoch: Int, batch: Int, slot: Int) {
        // Mixed one after the other, so that no two places of a run share a sequence by arithmetic.
        var place = SeededNumbers(seed: seed, stream: Streams.augmentation)
        for number in [epoch, batch, slot] {
            place = SeededNumbers(seed: place.next(), stream: UInt64(bitPattern: Int64(number)))
        }
        var random = place
        func draw() -> Float { random.uniform() }
        func drawSigned() -> Float { 2 * random.uniform() - 1 }

        let isMirrored = draw() < augmentation.mirror
        let zoom = exp2(drawSigned() * log2(1 + augmentation.zoom))
        let angle = drawSigned() * augmentation.rotation * .pi / 180
        let shift = (drawSigned() * augmentation.shift, drawSigned() * augmentation.shift)
        let (contrast, brightness) = (
            drawSigned() * augmentation.contrast, drawSigned() * augmentation.brightness
        )
        isGrey = draw() < augmentation.grey
        let isBlurred = draw() < augmentation.blur
        let deviation = max(0.05, draw()) * augmentation.blurRadius
        blur = isBlurred ? deviation : 0
        let isErased = draw() < augmentation.erasing
        let (area, ratio, left, top) = (draw(), drawSigned(), draw(), draw())

        let centre = Float(side - 1) / 2
        let (cosine, sine) = (cos(angle) / zoom, sin(angle) / zoom)
        let flip: Float = isMirrored ? -1 : 1
        // Exact where nothing is zoomed, turned or shifted: 1, 0 and whole numbers.
        warp = (flip * cosine, -flip * sine, 0, sine, cosine, 0)
        warp.c = centre - (warp.a + warp.b) * centre + shift.0 * Float(side)
        warp.f = centre - (warp.d + warp.e) * centre + shift.1 * Float(side)
        let isStill = zoom == 1 && angle == 0 && shift == (0, 0)
        isWarped = isMirrored || !isStill
        gain = 1 + contrast
        offset = 127.5 * (1 - gain) + 255 * brightness
        if isErased {
            let pixels = Float(side * side) * augmentation.erasedArea * (0.1 + 0.9 * area)
            // Up to twice as wide as high, or as high as wide.
            let width = min(Int((pixels * exp2(ratio)).squareRoot().rounded()), side)
            let height = min(Int((pixels * exp2(-ratio)).squareRoot().rounded()), side)
            let column = Int(left * Float(side - width + 1))
            let row = Int(top * Float(side - height + 1))
            erased = (column..<min(column + width, side), row..<min(row + height, side))
        }
    }
}
