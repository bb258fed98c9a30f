/// A computation on the row-major numbers of one image, for what oneDNN lacks.
package struct Kernel: Sendable {
    /// Reads all of its input, writes all of its output; called once an image.
    package let run: @Sendable (_ input: Span<Float>, _ output: inout MutableSpan<Float>) -> Void

    init(_ run: @escaping @Sendable (_ input: Span<Float>, _ output: inout MutableSpan<Float>) -> Void) {
        self.run = run
    }

    /// Each number by itself.
    static func each(_ function: @escaping @Sendable (Float) -> Float) -> Kernel {
        Kernel { input, output in
            for place in 0..<input.count { output[place] = function(input[place]) }
        }
    }

    /// A factor and a summand per channel of interleaved pixels; input and output may be the same memory.
    static func scalePixels(_ scale: [Float], _ shift: [Float]) -> Kernel {
        if Set(scale).count == 1, Set(shift).count == 1 {
            let (factor, summand) = (scale[0], shift[0])
            return Kernel { input, output in
                for place in 0..<input.count { output[place] = input[place] * factor + summand }
            }
        }
        return Kernel { input, output in
            for pixel in stride(from: 0, to: input.count, by: scale.count) {
                for channel in scale.indices {
                    output[pixel + channel] = input[pixel + channel] * scale[channel] + shift[channel]
                }
            }
        }
    }

    /// Numbers from elsewhere in the input; `fill` for places below 0.
    static func gather(_ places: [Int32], fill: Float = 0) -> Kernel {
        Kernel { input, output in
            for (place, from) in places.enumerated() { output[place] = from < 0 ? fill : input[Int(from)] }
        }
    }

    /// Repeats a value along the axes where it has one number.
    static func spread(_ from: TensorShape, _ to: TensorShape) -> Kernel {
        gather(places(of: to) { index in Self.source(index, from, to) })
    }

    /// The same numbers for every image, spread over a shape.
    static func constant(_ numbers: [Float], _ from: TensorShape, _ to: TensorShape) -> Kernel {
        let all = places(of: to) { index in Self.source(index, from, to) }.map { numbers[Int($0)] }
        return Kernel { _, output in
            for place in all.indices { output[place] = all[place] }
        }
    }

    private static func source(_ index: [Int], _ from: TensorShape, _ to: TensorShape) -> Int {
        let sizes = from.aligned(to.sizes.count)
        return zip(index, sizes).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
    }

    /// Every `step`-th along an axis.
    static func slice(_ from: TensorShape, _ to: TensorShape, _ axis: Int, _ start: Int, _ step: Int) -> Kernel
    {
        gather(
            places(of: to) { index in
                var index = index
                index[axis] = start + index[axis] * step
                return place(index, from)
            })
    }

    /// A frame around the values.
    static func pad(_ from: TensorShape, _ to: TensorShape, _ before: [Int], _ border: GraphOperation.Border)
        -> Kernel
    {
        var fill: Float = 0
        if case .constant(let value) = border { fill = value }
        let table = places(of: to) { index in
            var inside = index
            for axis in index.indices {
                let (given, last) = (index[axis] - before[axis], from.sizes[axis] - 1)
                switch border {
                case .constant: if !(0...last).contains(given) { return -1 }
                case .edge: break
                case .reflection: break
                }
                inside[axis] =
                    border == .reflection && given < 0
                    ? -given
                    : border == .reflection && given > last ? 2 * last - given : min(max(given, 0), last)
            }
            return place(inside, from)
        }
        return gather(table, fill: fill)
    }

    /// A number of each place of a shape.
    static func places(of shape: TensorShape, _ source: ([Int]) -> Int) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(shape.count)
        var index = [Int](repeating: 0, count: shape.sizes.count)
        for _ in 0..<shape.count {
            result.append(Int32(source(index)))
            for axis in index.indices.reversed() {
                index[axis] += 1
                if index[axis] < shape.sizes[axis] { break }
                index[axis] = 0
            }
        }
        return result
    }

    static func place(_ index: [Int], _ shape: TensorShape) -> Int {
        zip(index, shape.sizes).reduce(0) { $0 * $1.1 + $1.0 }
    }
}
