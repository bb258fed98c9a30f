// The loops over parameters: a step walks millions of numbers, so they go sixteen at a time. Written out,
// because the compiler leaves loops with roots scalar.
// Safe: each function checks that `range` is in every array it lends to pointers.

private typealias Lanes = SIMD16<Float>

extension UnsafePointer<Float> {
    /// Sixteen numbers from `index` on; 0 in place of those from `end` on.
    @inline(__always)
    fileprivate func lanes(_ index: Int, _ end: Int) -> Lanes {
        if index + 16 <= end { return unsafe UnsafeRawPointer(self + index).loadUnaligned(as: Lanes.self) }
        var lanes = Lanes.zero
        for i in index..<end { lanes[i - index] = unsafe self[i] }
        return lanes
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always)
    fileprivate func lanes(_ index: Int, _ end: Int) -> Lanes { unsafe UnsafePointer(self).lanes(index, end) }

    /// Writes numbers from `index` on, none from `end` on.
    @inline(__always)
    fileprivate func set(_ lanes: Lanes, _ index: Int, _ end: Int) {
        if index + 16 <= end {
            unsafe UnsafeMutableRawPointer(self + index).storeBytes(of: lanes, as: Lanes.self)
        } else {
            for i in index..<end { unsafe self[i] = lanes[i - index] }
        }
    }
}

/// Square roots of numbers of 0 or more, within 2 units in the last place from 1e-37 on.
///
/// `squareRoot()` may set errno, which keeps it scalar: Adam's step then takes more than twice as long. Three steps
/// of Newton's method for 1/√x from the bits' estimate take the error from 3.5 % below float32's.
@inline(__always)
private func roots(_ numbers: Lanes) -> Lanes {
    // An infinity has no place in the products below.
    let large = Lanes(repeating: .greatestFiniteMagnitude)
    let x = numbers.replacing(with: large, where: numbers .> large)
    // Safe: both are sixteen times 32 bits, of which any are a number.
    let bits = unsafe unsafeBitCast(x, to: SIMD16<UInt32>.self)
    var y = unsafe unsafeBitCast(SIMD16<UInt32>(repeating: 0x5f37_59df) &- (bits &>> 1), to: Lanes.self)
    let half = x * 0.5
    for _ in 0..<3 { y *= 1.5 - half * y * y }
    return x * y
}

/// The sum of squares; a block's in float32, the blocks' in float64.
func sumOfSquares(_ values: [Float], _ range: Range<Int>) -> Double {
    guard !range.isEmpty else { return 0 }
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count)
    return unsafe values.withUnsafeBufferPointer { values in
        let values = unsafe values.baseAddress.unsafelyUnwrapped
        var total: Double = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 4096) {
            let end = min(start + 4096, range.upperBound)
            var sum = Lanes.zero
            var i = start
            while i < end {
                let lane = unsafe values.lanes(i, end)
                sum += lane * lane
                i += 16
            }
            total += Double(sum.sum())
        }
        return total
    }
}

/// Multiplies the values of a range.
func scale(_ values: inout [Float], _ range: Range<Int>, by factor: Float) {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count)
    unsafe values.withUnsafeMutableBufferPointer { values in
        for i in range { unsafe values[i] *= factor }
    }
}

/// Gradient descent with momentum; decay is added to the gradient.
func descend(
    _ values: inout [Float], _ gradients: [Float], _ momenta: inout [Float], _ range: Range<Int>,
    rate: Float, decay: Float, momentum: Float
) {
    precondition(range.lowerBound >= 0 && range.upperBound <= min(values.count, gradients.count, momenta.count))
    unsafe values.withUnsafeMutableBufferPointer { w in
        unsafe gradients.withUnsafeBufferPointer { g in
            unsafe momenta.withUnsafeMutableBufferPointer { m in
                for i in range {
                    let new = unsafe momentum * m[i] + (g[i] + decay * w[i])
                    unsafe m[i] = new
                    unsafe w[i] -= rate * new
                }
            }
        }
    }
}

/// AdaGrad; decay is added to the gradient.
func descend(
    _ values: inout [Float], _ gradients: [Float], sum: inout [Float], _ range: Range<Int>,
    rate: Float, decay: Float, epsilon: Float
) {
    guard !range.isEmpty else { return }
    precondition(range.lowerBound >= 0 && range.upperBound <= min(values.count, gradients.count, sum.count))
    let end = range.upperBound
    unsafe values.withUnsafeMutableBufferPointer { values in
        unsafe gradients.withUnsafeBufferPointer { gradients in
            unsafe sum.withUnsafeMutableBufferPointer { sum in
                // A range within them is not empty, so each has an address.
                let w = unsafe values.baseAddress.unsafelyUnwrapped
                let g = unsafe gradients.baseAddress.unsafelyUnwrapped
                let s = unsafe sum.baseAddress.unsafelyUnwrapped
                for i in stride(from: range.lowerBound, to: end, by: 16) {
                    let value = unsafe w.lanes(i, end)
                    let slope = unsafe g.lanes(i, end) + decay * value
                    let squares = unsafe s.lanes(i, end) + slope * slope
                    unsafe s.set(squares, i, end)
                    unsafe w.set(value - rate * slope / (roots(squares) + epsilon), i, end)
                }
            }
        }
    }
}

/// Adam: `keep` is what decay leaves of a value; `rate` and `root` hold the corrections of the first steps.
func adapt(
    _ values: inout [Float], _ gradients: [Float], _ first: inout [Float], _ second: inout [Float],
    _ range: Range<Int>, keep: Float, rate: Float, root: Float, beta1: Float, beta2: Float, epsilon: Float
) {
    guard !range.isEmpty else { return }
    precondition(
        range.lowerBound >= 0
            && range.upperBound <= min(values.count, gradients.count, first.count, second.count))
    let end = range.upperBound
    unsafe values.withUnsafeMutableBufferPointer { values in
        unsafe gradients.withUnsafeBufferPointer { gradients in
            unsafe first.withUnsafeMutableBufferPointer { first in
                unsafe second.withUnsafeMutableBufferPointer { second in
                    // A range within them is not empty, so each has an address.
                    let w = unsafe values.baseAddress.unsafelyUnwrapped
                    let g = unsafe gradients.baseAddress.unsafelyUnwrapped
                    let m = unsafe first.baseAddress.unsafelyUnwrapped
                    let v = unsafe second.baseAddress.unsafelyUnwrapped
                    for i in stride(from: range.lowerBound, to: end, by: 16) {
                        let slope = unsafe g.lanes(i, end)
                        let mean = unsafe beta1 * m.lanes(i, end) + (1 - beta1) * slope
                        let square = unsafe beta2 * v.lanes(i, end) + (1 - beta2) * slope * slope
                        unsafe m.set(mean, i, end)
                        unsafe v.set(square, i, end)
                        let change = rate * mean / (roots(square) * root + epsilon)
                        unsafe w.set(keep * w.lanes(i, end) - change, i, end)
                    }
                }
            }
        }
    }
}
