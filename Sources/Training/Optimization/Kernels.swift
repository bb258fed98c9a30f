// The loops over parameters. Unchecked pointers let the compiler use SIMD: a step walks millions of numbers.
// Safe: each function checks that `range` lies in every array it lends.

/// The sum of squares, in blocks so that float32 lanes do not lose small ones.
func sumOfSquares(_ values: [Float], _ range: Range<Int>) -> Double {
    precondition(range.lowerBound >= 0 && range.upperBound <= values.count)
    return unsafe values.withUnsafeBufferPointer { values in
        var total: Double = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 4096) {
            let end = min(start + 4096, range.upperBound)
            var lanes = SIMD16<Float>.zero
            var i = start
            while i + 16 <= end {
                let lane = unsafe UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped + i)
                    .loadUnaligned(as: SIMD16<Float>.self)
                lanes += lane * lane
                i += 16
            }
            var sum = Double(lanes.sum())
            while i < end {
                unsafe sum += Double(values[i] * values[i])
                i += 1
            }
            total += sum
        }
        return total
    }
}

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
    precondition(range.lowerBound >= 0 && range.upperBound <= min(values.count, gradients.count, sum.count))
    unsafe values.withUnsafeMutableBufferPointer { w in
        unsafe gradients.withUnsafeBufferPointer { g in
            unsafe sum.withUnsafeMutableBufferPointer { s in
                for i in range {
                    let slope = unsafe g[i] + decay * w[i]
                    let squares = unsafe s[i] + slope * slope
                    unsafe s[i] = squares
                    unsafe w[i] -= rate * slope / (squares.squareRoot() + epsilon)
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
    precondition(
        range.lowerBound >= 0
            && range.upperBound <= min(values.count, gradients.count, first.count, second.count))
    unsafe values.withUnsafeMutableBufferPointer { w in
        unsafe gradients.withUnsafeBufferPointer { g in
            unsafe first.withUnsafeMutableBufferPointer { m in
                unsafe second.withUnsafeMutableBufferPointer { v in
                    for i in range {
                        let slope = unsafe g[i]
                        let mean = unsafe beta1 * m[i] + (1 - beta1) * slope
                        let square = unsafe beta2 * v[i] + (1 - beta2) * slope * slope
                        unsafe m[i] = mean
                        unsafe v[i] = square
                        unsafe w[i] = keep * w[i] - rate * mean / (square.squareRoot() * root + epsilon)
                    }
                }
            }
        }
    }
}
