internal import COnnx

/// Operations that compute with the numbers of constants.
extension ConstantOperation {
    func dequantized() throws(OnnxError) -> OnnxTensor {
        let (tensor, scale) = (try input(0), try input(1))
        let zeros = optional(2)
        guard scale.isFloat, !tensor.isFloat else {
            throw node.unsupported("its types are not integers and a scale")
        }
        guard zeros == nil || zeros?.count == scale.count else {
            throw node.unsupported("it has \(scale.count) scales and \(zeros?.count ?? 0) zero points")
        }
        let blocks = try blocks(of: tensor, scale)
        let values =
            switch tensor.values {
            case .signedBytes(let all):
                unsafe all.withUnsafeBufferPointer { bytes in
                    unsafe dequantized(bytes.baseAddress, nil, all.count, blocks, scale.floats, zeros?.floats)
                }
            case .bytes(let all):
                unsafe all.withUnsafeBufferPointer { bytes in
                    unsafe dequantized(nil, bytes.baseAddress, all.count, blocks, scale.floats, zeros?.floats)
                }
            default: dequantized(tensor.integers ?? [], blocks, scale.floats, zeros?.floats)
            }
        return OnnxTensor(shape: tensor.shape, values: .floats(values))
    }

    private func dequantized(
        _ signed: UnsafePointer<Int8>?, _ unsigned: UnsafePointer<UInt8>?, _ count: Int, _ blocks: conx_blocks,
        _ scales: [Float], _ zeros: [Float]?
    ) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: count) { out, filled in
            filled = count
            unsafe scales.withUnsafeBufferPointer { scales in
                guard count > 0, let out = out.baseAddress, let scales = scales.baseAddress else { return }
                guard let zeros else {
                    return unsafe conx_dequantize(signed, unsigned, blocks, scales, nil, out)
                }
                unsafe zeros.withUnsafeBufferPointer {
                    unsafe conx_dequantize(signed, unsigned, blocks, scales, $0.baseAddress, out)
                }
            }
        }
    }

    /// The same for biases of 32 bits, of which there are few.
    private func dequantized(
        _ values: [Int], _ blocks: conx_blocks, _ scales: [Float], _ zeros: [Float]?
    ) -> [Float] {
        values.indices.map { place in
            let at = scalePlace(of: place, blocks)
            return Float(values[place] - Int(zeros?[at] ?? 0)) * scales[at]
        }
    }

    /// Which scale is that of a value.
    private func scalePlace(of place: Int, _ blocks: conx_blocks) -> Int {
        let count = (blocks.axis + blocks.block - 1) / max(blocks.block, 1)
        let block = place / blocks.inner % blocks.axis / blocks.block
        let outer = place / blocks.inner / blocks.axis
        return blocks.outer_blocked ? (outer * count + block) * blocks.inner + place % blocks.inner : block
    }

    /// Which numbers share a scale: all, those of a place along an axis, or those of a block of such places.
    private func blocks(of tensor: OnnxTensor, _ scale: OnnxTensor) throws(OnnxError) -> conx_blocks {
        let misfit = node.unsupported("scales of shape \(scale.shape) do not fit \(tensor.shape)")
        if scale.count == 1 {
            let count = max(tensor.count, 1)
            return conx_blocks(outer: 1, axis: count, inner: 1, block: count, outer_blocked: false)
        }
        let axis = try axis(try node.integer("axis") ?? 1, rank: tensor.shape.count)
        guard tensor.shape.indices.contains(axis) else { throw misfit }
        let outer = tensor.shape[..<axis].reduce(1, *)
        let inner = tensor.shape[(axis + 1)...].reduce(1, *)
        let size = tensor.shape[axis]
        let block = try node.integer("block_size") ?? 0
        guard block >= 0 else { throw misfit }
        if block == 0 {
            guard scale.count == size else { throw misfit }
            return conx_blocks(outer: outer, axis: size, inner: inner, block: 1, outer_blocked: false)
        }
        var expected = tensor.shape
        expected[axis] = (size + block - 1) / block
        guard scale.count == expected.reduce(1, *) else { throw misfit }
        return conx_blocks(outer: outer, axis: size, inner: inner, block: block, outer_blocked: true)
    }

    func quantized() throws(OnnxError) -> OnnxTensor {
        let (tensor, scale) = (try input(0), try input(1))
        let zeros = optional(2)
        guard zeros == nil || zeros?.count == scale.count else {
            throw node.unsupported("its zero points do not fit")
        }
        let blocks = try blocks(of: tensor, scale)
        let (scales, shifts) = (scale.floats, zeros?.floats)
        var values: [Int] = []
        let signed = if case .signedBytes? = zeros?.values { true } else { false }
        let range: ClosedRange<Float> = signed ? -128...127 : 0...255
        for (place, value) in tensor.floats.enumerated() {
            let at = scalePlace(of: place, blocks)
            let whole = (value / scales[at]).rounded(.toNearestOrEven) + (shifts?[at] ?? 0)
            values.append(Int(min(max(whole.isNaN ? 0 : whole, range.lowerBound), range.upperBound)))
        }
        return OnnxTensor(
            shape: tensor.shape,
            values: signed ? .signedBytes(values.map { Int8($0) }) : .bytes(values.map { UInt8($0) }))
    }

    func combined() throws(OnnxError) -> OnnxTensor {
        var result = try input(0)
        for index in inputs.indices.dropFirst() { result = try combined(result, try input(index)) }
        return result
    }

    private func combined(_ left: OnnxTensor, _ right: OnnxTensor) throws(OnnxError) -> OnnxTensor {
        let shape = try broadcast(left.shape, right.shape)
        _ = try count(of: shape)
        let one = Self.places(shape: shape, steps: Self.steps(left.shape, spreadOver: shape), from: 0)
        let other = Self.places(shape: shape, steps: Self.steps(right.shape, spreadOver: shape), from: 0)
        if !left.isFloat, !right.isFloat, node.operation != "Pow" {
            let (a, b) = (left.integers ?? [], right.integers ?? [])
            var values: [Int] = []
            for place in one.indices { values.append(try whole(a[one[place]], b[other[place]])) }
            return OnnxTensor(shape: shape, values: .integers(values))
        }
        let (a, b) = (left.floats, right.floats)
        let values = one.indices.map { real(a[one[$0]], b[other[$0]]) }
        return OnnxTensor(shape: shape, values: .floats(values))
    }

    private func whole(_ a: Int, _ b: Int) throws(OnnxError) -> Int {
        let result: (partialValue: Int, overflow: Bool) =
            switch node.operation {
            case "Add": a.addingReportingOverflow(b)
            case "Sub": a.subtractingReportingOverflow(b)
            case "Mul": a.multipliedReportingOverflow(by: b)
            case "Div": a.dividedReportingOverflow(by: b)
            case "Min": (min(a, b), false)
            default: (max(a, b), false)
            }
        guard !result.overflow else { throw node.unsupported("constants overflow") }
        return result.partialValue
    }

    private func real(_ a: Float, _ b: Float) -> Float {
        switch node.operation {
        case "Add": a + b
        case "Sub": a - b
        case "Mul": a * b
        case "Div": a / b
        case "Pow": power(a, b)
        case "Min": min(a, b)
        default: max(a, b)
        }
    }

    func mapped() throws(OnnxError) -> OnnxTensor {
        let tensor = try input(0)
        if let integers = tensor.integers {
            switch node.operation {
            case "Neg": return OnnxTensor(shape: tensor.shape, values: .integers(integers.map { 0 &- $0 }))
            case "Floor", "Ceil": return tensor
            case "Abs":
                return OnnxTensor(
                    shape: tensor.shape, values: .integers(integers.map { $0 < 0 ? 0 &- $0 : $0 }))
            default: throw node.unsupported("it computes with integers")
            }
        }
        let function: (Float) -> Float =
            switch node.operation {
            case "Neg": { -$0 }
            case "Sqrt": { $0.squareRoot() }
            case "Floor": { $0.rounded(.down) }
            case "Ceil": { $0.rounded(.up) }
            case "Abs": { abs($0) }
            case "Exp": { exponential($0) }
            case "Log": { logarithm($0) }
            default: { 1 / $0 }
            }
        return OnnxTensor(shape: tensor.shape, values: .floats(tensor.floats.map(function)))
    }
}
