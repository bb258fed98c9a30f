extension Kernel {
    /// Planes of another size, by ONNX's rules.
    static func resize(_ from: TensorShape, _ to: TensorShape, _ resizing: GraphOperation.Resizing) -> Kernel {
        let rows = resizing.axis(from.height, to.height, scale: resizing.rowScale)
        let columns = resizing.axis(from.width, to.width, scale: resizing.columnScale)
        let (channels, height, width) = (from.channels, from.height, from.width)
        return Kernel { input, output in
            var place = 0
            for channel in 0..<channels {
                let plane = channel * height * width
                for row in rows {
                    let (one, other) = (plane + row.low * width, plane + row.high * width)
                    for column in columns {
                        let upper =
                            input[one + column.low] * (1 - column.share) + input[one + column.high]
                            * column.share
                        let lower =
                            input[other + column.low] * (1 - column.share)
                            + input[other + column.high] * column.share
                        output[place] = upper * (1 - row.share) + lower * row.share
                        place += 1
                    }
                }
            }
        }
    }
}

extension GraphOperation.Resizing {
    /// Between which two pixels a new one lies, and how far towards the second; nearest has a share of 0.
    struct Between: Sendable {
        var low: Int, high: Int, share: Float
    }

    func axis(_ from: Int, _ to: Int, scale: Float) -> [Between] {
        let scale = size == nil ? scale : Float(to) / Float(from)
        return (0..<to).map { place in
            let x = min(max(position(Float(place), scale, from, to), 0), Float(from - 1))
            if isLinear {
                let low = Int(x.rounded(.down))
                return Between(low: low, high: min(low + 1, from - 1), share: x - Float(low))
            }
            let whole = min(max(Int(nearest(position(Float(place), scale, from, to))), 0), from - 1)
            return Between(low: whole, high: whole, share: 0)
        }
    }

    private func position(_ place: Float, _ scale: Float, _ from: Int, _ to: Int) -> Float {
        switch coordinates {
        case .halfPixel: (place + 0.5) / scale - 0.5
        case .pytorchHalfPixel: to > 1 ? (place + 0.5) / scale - 0.5 : 0
        case .asymmetric: place / scale
        case .alignCorners: to > 1 ? place * Float(from - 1) / Float(to - 1) : 0
        }
    }

    private func nearest(_ x: Float) -> Float {
        switch rounding {
        case .floor: x.rounded(.down)
        case .ceil: x.rounded(.up)
        case .preferFloor: (x - 0.5).rounded(.up)
        case .preferCeil: (x + 0.5).rounded(.down)
        }
    }
}
