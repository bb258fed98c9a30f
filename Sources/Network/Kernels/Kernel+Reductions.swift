/// Operations that look along axes.
extension Kernel {
    /// One number for all along some axes.
    static func reduce(_ from: TensorShape, _ reduction: GraphOperation.Reduction, _ axes: [Int]) -> Kernel {
        // Where each number goes: the place of its index with the reduced axes left out.
        var kept = from
        for axis in axes { kept.sizes[axis] = 1 }
        let targets = places(of: from) { index in
            var index = index
            for axis in axes { index[axis] = 0 }
            return place(index, kept)
        }
        let share = Float(kept.count) / Float(from.count)
        return Kernel { input, output in
            let first: Float = reduction == .maximum ? -.infinity : reduction == .minimum ? .infinity : 0
            for place in 0..<output.count { output[place] = first }
            for (place, target) in targets.enumerated() {
                let (value, target) = (input[place], Int(target))
                switch reduction {
                case .mean, .sum: output[target] += value
                case .maximum: output[target] = max(output[target], value)
                case .minimum: output[target] = min(output[target], value)
                case .l1: output[target] += abs(value)
                case .l2, .squares: output[target] += value * value
                }
            }
            for place in 0..<output.count {
                if reduction == .mean { output[place] *= share }
                if reduction == .l2 { output[place] = output[place].squareRoot() }
            }
        }
    }

    /// Runs `line` for every line along an axis: its first place, the step to the next, and how many there are.
    private static func along(
        _ from: TensorShape, _ axis: Int,
        _ line:
            @escaping @Sendable (Span<Float>, inout MutableSpan<Float>, _ start: Int, _ step: Int, _ count: Int)
            -> Void
    ) -> Kernel {
        let count = from.sizes[axis]
        let step = from.sizes[(axis + 1)...].reduce(1, *)
        let outer = from.sizes[..<axis].reduce(1, *)
        return Kernel { input, output in
            for block in 0..<outer {
                for inner in 0..<step { line(input, &output, block * count * step + inner, step, count) }
            }
        }
    }

    /// Shares of `e^x` along an axis, or their logarithms.
    static func softmax(_ from: TensorShape, _ axis: Int, _ logarithm: Bool) -> Kernel {
        along(from, axis) { input, output, start, step, count in
            var largest = -Float.infinity
            for place in 0..<count { largest = max(largest, input[start + place * step]) }
            var sum: Float = 0
            for place in 0..<count { sum += exponential(input[start + place * step] - largest) }
            for place in 0..<count {
                let value = input[start + place * step] - largest
                output[start + place * step] =
                    logarithm ? value - naturalLogarithm(sum) : exponential(value) / sum
            }
        }
    }

    /// Divided by the length along an axis; what has no length stays 0.
    static func unitLength(_ from: TensorShape, _ axis: Int, _ power: Int) -> Kernel {
        along(from, axis) { input, output, start, step, count in
            var sum: Float = 0
            for place in 0..<count {
                let value = input[start + place * step]
                sum += power == 1 ? abs(value) : value * value
            }
            let length = power == 1 ? sum : sum.squareRoot()
            for place in 0..<count {
                output[start + place * step] = length > 0 ? input[start + place * step] / length : 0
            }
        }
    }

    /// Mean 0 and variance 1 over the axes from `axis` on, then times `scale` plus `shift` of the place in them.
    static func normalize(
        _ from: TensorShape, _ axis: Int, _ epsilon: Float, _ scale: [Float], _ shift: [Float]
    ) -> Kernel {
        normalize(from.sizes[axis...].reduce(1, *), epsilon) { place, _ in (scale[place], shift[place]) }
    }

    /// The same over each plane, with a scale and a shift per channel.
    static func normalizePlanes(_ from: TensorShape, _ epsilon: Float, _ scale: [Float], _ shift: [Float])
        -> Kernel
    {
        normalize(from.height * from.width, epsilon) { _, channel in (scale[channel], shift[channel]) }
    }

    private static func normalize(
        _ size: Int, _ epsilon: Float,
        _ factors: @escaping @Sendable (_ place: Int, _ row: Int) -> (Float, Float)
    ) -> Kernel {
        Kernel { input, output in
            for row in 0..<input.count / size {
                let start = row * size
                var mean: Double = 0
                for place in start..<start + size { mean += Double(input[place]) }
                mean /= Double(size)
                var variance: Double = 0
                for place in start..<start + size {
                    let distance = Double(input[place]) - mean
                    variance += distance * distance
                }
                let factor = Float(1 / (variance / Double(size) + Double(epsilon)).squareRoot())
                for place in 0..<size {
                    let (scale, shift) = factors(place, row)
                    output[start + place] = (input[start + place] - Float(mean)) * factor * scale + shift
                }
            }
        }
    }
}
