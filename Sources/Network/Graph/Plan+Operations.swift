extension Plan {
    /// The value that an operation makes of `inputs`.
    mutating func value(
        of operation: GraphOperation, _ node: Graph.Node, inputs: [Int], _ activation: Activation?,
        _ weights: some WeightSource
    ) throws(NetworkError) -> Int {
        let (name, shape) = (node.name, node.shape)
        if case .constant = operation { return setConstant(shape, try node.tensors(weights)[0]) }
        let source = inputs[0]
        let from = shapes[source]
        func kernel(_ kernel: Kernel) -> Work { .kernel(kernel) }
        switch operation {
        case .constant: return source
        case .activation(.erf): return emit(name, kernel(.each(errorFunction)), source, shape)
        case .activation(let function): return emit(name, .activation(function), source, shape)
        case .combination(let combination):
            return try combine(name, combination, inputs[0], inputs[1], shape, activation)
        case .averageWithPadding(let window):
            return emit(name, .averagePooling(window, countsPadding: true), source, shape)
        case .reshape: return from == shape ? source : emit(name, .view, source, shape)
        case .transpose(let order): return emit(name, .transpose(order), source, shape)
        case .concatenation(let axis): return emit(name, .concatenation(inputs, axis: axis), source, shape)
        case .slice(let axis, let start, let step, _):
            return emit(name, kernel(.slice(from, shape, axis, start, step)), source, shape)
        case .padding(let before, _, let border):
            return emit(name, kernel(.pad(from, shape, before, border)), source, shape)
        case .resize(let resizing):
            if resizing.isOneDNNs(from, shape) {
                return emit(name, .resample(isLinear: resizing.isLinear), source, shape)
            }
            return emit(name, kernel(.resize(from, shape, resizing)), source, shape)
        case .reduction(let reduction, let axes, _):
            if reduction == .mean, from.isPlanes, axes.sorted() == [1, 2], shape.isPlanes {
                return emit(name, .averagePooling(Window(over: from), countsPadding: false), source, shape)
            }
            return emit(name, kernel(.reduce(from, reduction, axes)), source, shape)
        case .softmax(let axis, let logarithm):
            return emit(name, kernel(.softmax(from, axis, logarithm)), source, shape)
        case .layerNormalization(let axis, let epsilon):
            let values = try node.tensors(weights)
            return emit(
                name, kernel(.normalize(from, axis, epsilon, values[0], values[1])), source, shape)
        case .instanceNormalization(let epsilon):
            let values = try node.tensors(weights)
            return emit(name, kernel(.normalizePlanes(from, epsilon, values[0], values[1])), source, shape)
        case .unitLength(let axis, let power):
            return emit(name, kernel(.unitLength(from, axis, power)), source, shape)
        case .matrixProduct: return emit(name, .matrixProduct(inputs[1]), source, shape)
        }
    }

    /// A combination of two values, the smaller of which is spread over the other.
    private mutating func combine(
        _ name: String, _ combination: Combination, _ left: Int, _ right: Int, _ shape: TensorShape,
        _ activation: Activation?
    ) throws(NetworkError) -> Int {
        var (left, right) = (left, right)
        for value in [left, right]
        where constants[value] == nil && shapes[value].sizes.count != shape.sizes.count {
            throw .badGraph(
                layer: name, reason: "it combines \(shapes[left]) with \(shapes[right]), across the images")
        }
        if shapes[left] != shape || constants[left] != nil {
            let mayTurn = combination != .subtract && combination != .divide
            if mayTurn, shapes[right] == shape, constants[right] == nil {
                swap(&left, &right)
            } else {
                left = spread(left, over: shape, beside: constants[right] == nil ? right : input, name: name)
            }
        }
        return emit(name, .combination(combination, right, activation), left, shape)
    }

    /// A value repeated along the axes where it has one number; `beside` is any value that does depend on the image.
    private mutating func spread(_ value: Int, over shape: TensorShape, beside: Int, name: String) -> Int {
        guard let numbers = constants[value] else {
            return emit("\(name).spread", .kernel(.spread(shapes[value], shape)), value, shape)
        }
        return emit("\(name).constant", .kernel(.constant(numbers, shapes[value], shape)), beside, shape)
    }
}

extension GraphOperation.Resizing {
    /// Whether oneDNN's resampling does the same: nearest by whole factors, linear between centres of pixels.
    func isOneDNNs(_ from: TensorShape, _ to: TensorShape) -> Bool {
        let exact =
            size != nil
            || (Float(to.height) == Float(from.height) * rowScale
                && Float(to.width) == Float(from.width) * columnScale)
        guard exact else { return false }
        if isLinear {
            return coordinates == .halfPixel
                || (coordinates == .pytorchHalfPixel && to.height > 1 && to.width > 1)
        }
        guard to.height % from.height == 0, to.width % from.width == 0 else { return false }
        switch coordinates {
        case .asymmetric: return rounding == .floor
        // The centre of a new pixel is never half-way between two old ones.
        case .halfPixel, .pytorchHalfPixel: return rounding == .preferFloor || rounding == .preferCeil
        case .alignCorners: return false
        }
    }
}
