internal import COneDNN

/// Turns a plan into a program: lets oneDNN choose each operation's order in memory, and copies where two differ.
struct Compiler {
    let engine: Handle
    private let stream: Handle
    let batch: Int
    private var constants: Constants
    private var instructions: [Program.Instruction] = []
    private var sizes: [Int] = []
    /// Order in memory and buffer of each value made so far.
    private var tensors: [Int: Tensor] = [:]

    struct Tensor {
        var descriptor: Descriptor
        var place: Program.Place

        /// Its buffer; a constant has none.
        func buffer(_ layer: String) throws(NetworkError) -> Int {
            guard case .buffer(let buffer) = place else {
                throw .badGraph(layer: layer, reason: "it changes or copies a constant")
            }
            return buffer
        }
    }

    /// The program of `plan` for `batch` images; `constants` gains the weights in the orders it uses.
    static func compile(
        _ plan: Plan, batch: Int, constants: inout Constants, engine: Handle
    ) throws(NetworkError) -> Program {
        var compiler = Compiler(
            engine: engine, stream: try makeStream(engine), batch: batch, constants: constants)
        let shape = compiler.axes(plan.shapes[plan.input])
        let layout =
            shape.count == 4
            ? try Descriptor(interleaved: shape, layer: "input") : try Descriptor(shape, layer: "input")
        let input = compiler.newTensor(layout)
        compiler.tensors[plan.input] = input
        if let scaling = plan.inputScaling { try compiler.scale(input, plan.shapes[plan.input], scaling) }
        for (value, numbers) in plan.constants {
            compiler.tensors[value] = try compiler.constant(value, plan.shapes[value], numbers)
        }
        for step in plan.steps { compiler.tensors[step.output] = try compiler.emit(step, plan) }
        var outputs: [Int] = []
        for (name, value) in plan.outputs {
            let plain = try Descriptor(compiler.axes(plan.shapes[value]), layer: name)
            outputs.append(try compiler.tensor(value, as: plain, for: name).buffer(name))
        }
        constants = compiler.constants
        return Program(
            batch: batch, instructions: compiler.instructions, sizes: compiler.sizes,
            input: try input.buffer("input"), outputs: outputs)
    }

    func axes(_ shape: TensorShape) -> [Int] { [batch] + shape.sizes }
    mutating func newTensor(_ descriptor: Descriptor) -> Tensor {
        sizes.append(descriptor.bytes)
        return Tensor(descriptor: descriptor, place: .buffer(sizes.count - 1))
    }

    func tensor(_ value: Int, for layer: String) throws(NetworkError) -> Tensor {
        guard let tensor = tensors[value] else {
            throw .badGraph(layer: layer, reason: "it reads what is computed later")
        }
        return tensor
    }

    mutating func run(_ primitive: Primitive, _ arguments: [(Int32, Tensor)], layer: String) {
        let arguments = arguments.map {
            Program.Argument(kind: $0, descriptor: $1.descriptor, place: $1.place)
        }
        append(primitive, arguments, layer: layer)
    }

    mutating func append(_ primitive: Primitive, _ arguments: [Program.Argument], layer: String) {
        instructions.append(.run(primitive, arguments, layer: layer))
    }

    mutating func append(_ instruction: Program.Instruction) { instructions.append(instruction) }

    /// A value in the order `wanted`; later readers find it in that order too.
    mutating func tensor(
        _ value: Int, as wanted: Descriptor, for layer: String
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(value, for: layer)
        if source.descriptor == wanted { return source }
        let target = newTensor(wanted)
        let copy = try Primitive(from: source.descriptor, to: wanted, engine: engine, layer: layer)
        run(copy, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, target)], layer: layer)
        tensors[value] = target
        return target
    }

    private mutating func emit(_ step: Plan.Step, _ plan: Plan) throws(NetworkError) -> Tensor {
        let (name, source) = (step.name, step.input)
        let (from, to) = (plan.shapes[step.input], plan.shapes[step.output])
        switch step.work {
        case .convolution(let linear, let window, let groups, let onto):
            return try convolve(name, linear, window, groups, source, from, to, onto: onto)
        case .fullyConnected(let linear):
            return try connect(name, linear, source, from, to)
        case .maxPooling(let window):
            return try pool(name, dnnl_pooling_max, window, source, to)
        case .averagePooling(let window, let countsPadding):
            let kind = countsPadding ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding
            return try pool(name, kind, window, source, to)
        case .activation(let activation):
            return try activate(name, activation, source)
        case .prelu(let slopes, let inPlace):
            return try prelu(name, slopes, source, from, inPlace: inPlace)
        case .affine(let scale, let shift):
            return try affine(name, scale, shift, source, from)
        case .pad:
            return try pad(name, source, from, to)
        case .add(let other, let activation):
            return try add(name, source, other, activation)
        case .combination(let combination, let other, let activation):
            return try combine(name, combination, source, other, plan, activation)
        case .view:
            let plain = try tensor(source, as: try Descriptor(axes(from), layer: name), for: name)
            return Tensor(descriptor: try Descriptor(axes(to), layer: name), place: plain.place)
        case .transpose(let order):
            return try transpose(name, order, source, from, to)
        case .concatenation(let values, let axis):
            return try concatenate(name, values, axis, to)
        case .resample(let isLinear):
            return try resample(name, isLinear, source, to)
        case .matrixProduct(let other):
            return try multiply(name, source, other, plan, to)
        case .kernel(let kernel):
            return try compute(name, kernel, source, from, to)
        }
    }

    private mutating func convolve(
        _ name: String, _ linear: Plan.Linear, _ window: Window, _ groups: Int, _ source: Int,
        _ from: TensorShape,
        _ to: TensorShape, onto: Int?
    ) throws(NetworkError) -> Tensor {
        var weights = [to.channels, from.channels / groups, window.height, window.width]
        if groups > 1 { weights = [groups, weights[0] / groups] + weights[1...] }
        let wish = (
            source: try Descriptor(axes(from), free: true, layer: name),
            weights: try Descriptor(weights, free: true, layer: name),
            target: try Descriptor(axes(to), free: true, layer: name)
        )
        let ending = Ending(sum: onto != nil, activation: linear.activation)
        var primitive: Primitive?
        if Self.suitsWinograd(window, groups, from, to) {
            // Not every processor has it, and the direct method below always works.
            primitive = try? convolution(
                name, dnnl_convolution_winograd, window, wish.source, wish.weights, wish.target, to.channels,
                ending)
        }
        let written = try onto.map { value throws(NetworkError) in try tensor(value, for: name).descriptor }
        let chosen: Primitive
        if let primitive {
            chosen = primitive
        } else {
            let target = written ?? wish.target
            chosen = try convolution(
                name, dnnl_convolution_direct, window, wish.source, wish.weights, target, to.channels, ending)
        }
        let input = try tensor(source, as: try chosen.descriptor(dnnl_query_src_md), for: name)
        let result = try chosen.descriptor(dnnl_query_dst_md)
        let target: Tensor
        if let onto { target = try tensor(onto, as: result, for: name) } else { target = newTensor(result) }
        try run(chosen, linear, shape: weights, input, target, name)
        return target
    }

    /// Whether a 3×3 convolution is large enough to gain from fewer multiplications (Lavin and Gray, 2015).
    ///
    /// On small planes reading the weights decides, and transformed weights are larger.
    private static func suitsWinograd(_ window: Window, _ groups: Int, _ from: TensorShape, _ to: TensorShape)
        -> Bool
    {
        window == Window(3, padding: 1) && groups == 1 && from.channels >= 16 && min(to.height, to.width) >= 6
    }

    private func convolution(
        _ name: String, _ algorithm: dnnl_alg_kind_t, _ window: Window, _ source: Descriptor,
        _ weights: Descriptor, _ target: Descriptor, _ filters: Int, _ ending: Ending
    ) throws(NetworkError) -> Primitive {
        var operation = dnnl_convolution_desc_t()
        let (step, gaps) = (window.step.list, window.gaps)
        let (before, after) = (window.before.list, window.after.list)
        let bias = try Descriptor([filters], layer: name)
        let status = unsafe source.withRaw { source in
            unsafe weights.withRaw { weights in
                unsafe bias.withRaw { bias in
                    unsafe target.withRaw { target in
                        unsafe dnnl_dilated_convolution_forward_desc_init(
                            &operation, dnnl_forward_inference, algorithm, source, weights, bias, target, step,
                            gaps, before, after)
                    }
                }
            }
        }
        try check(status, "convolution", layer: name)
        return try unsafe Primitive(&operation, "convolution", ending: ending, engine: engine, layer: name)
    }

    private mutating func connect(
        _ name: String, _ linear: Plan.Linear, _ source: Int, _ from: TensorShape, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let weights = [to.channels] + from.sizes
        var operation = dnnl_inner_product_desc_t()
        let free = try (
            Descriptor(axes(from), free: true, layer: name), Descriptor(weights, free: true, layer: name),
            Descriptor([to.channels], layer: name), Descriptor([batch, to.channels], layer: name)
        )
        let status = unsafe free.0.withRaw { source in
            unsafe free.1.withRaw { weight in
                unsafe free.2.withRaw { bias in
                    unsafe free.3.withRaw { target in
                        unsafe dnnl_inner_product_forward_desc_init(
                            &operation, dnnl_forward_inference, source, weight, bias, target)
                    }
                }
            }
        }
        try check(status, "fully connected", layer: name)
        let primitive = try unsafe Primitive(
            &operation, "fully connected", ending: Ending(activation: linear.activation), engine: engine,
            layer: name)
        let input = try tensor(source, as: try primitive.descriptor(dnnl_query_src_md), for: name)
        let target = newTensor(free.3)
        try run(primitive, linear, shape: weights, input, target, name)
        // Row-major n × c and n × c × 1 × 1 are the same bytes; what follows expects the latter of planes.
        return Tensor(descriptor: try Descriptor(axes(to), layer: name), place: target.place)
    }

    /// Appends an operation with weights.
    private mutating func run(
        _ primitive: Primitive, _ linear: Plan.Linear, shape: [Int], _ input: Tensor, _ target: Tensor,
        _ name: String
    ) throws(NetworkError) {
        let weight = try constant(
            "\(name).weight", linear.weight, shape, as: try primitive.descriptor(dnnl_query_weights_md))
        let bias = try constant(
            "\(name).bias", linear.bias, [linear.bias.count],
            as: try Descriptor([linear.bias.count], layer: name))
        let arguments = [
            Program.Argument(kind: DNNL_ARG_SRC, descriptor: input.descriptor, place: input.place),
            Program.Argument(kind: DNNL_ARG_WEIGHTS, descriptor: weight.descriptor, place: .constant(weight)),
            Program.Argument(kind: DNNL_ARG_BIAS, descriptor: bias.descriptor, place: .constant(bias)),
            Program.Argument(kind: DNNL_ARG_DST, descriptor: target.descriptor, place: target.place),
        ]
        instructions.append(.run(primitive, arguments, layer: name))
    }

    mutating func constant(
        _ name: String, _ values: [Float], _ shape: [Int], as wanted: Descriptor
    ) throws(NetworkError) -> Memory {
        try constants.memory(name, values, shape: shape, as: wanted, engine: engine, stream: stream)
    }

    private mutating func pool(
        _ name: String, _ kind: dnnl_alg_kind_t, _ window: Window, _ source: Int, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        var operation = dnnl_pooling_desc_t()
        let kernel = [Int64(window.height), Int64(window.width)]
        let (step, before, after) = (window.step.list, window.before.list, window.after.list)
        let free = try Descriptor(axes(to), free: true, layer: name)
        let status = unsafe source.descriptor.withRaw { source in
            unsafe free.withRaw { target in
                unsafe dnnl_pooling_forward_desc_init(
                    &operation, dnnl_forward_inference, kind, source, target, step, kernel, before, after)
            }
        }
        try check(status, "pooling", layer: name)
        let primitive = try unsafe Primitive(
            &operation, "pooling", ending: Ending(), engine: engine, layer: name)
        let target = newTensor(try primitive.descriptor(dnnl_query_dst_md))
        run(primitive, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, target)], layer: name)
        return target
    }

    /// A copy in the corner of an array of zeros.
    private mutating func pad(
        _ name: String, _ source: Int, _ from: TensorShape, _ to: TensorShape
    ) throws(NetworkError) -> Tensor {
        let source = try tensor(source, for: name)
        let layout = try source.descriptor.enlarged(from: axes(from), to: axes(to), layer: name)
        guard let corner = layout.corner(axes(from)) else {
            throw .badGraph(layer: name, reason: "\(from) does not fit into a corner of \(to)")
        }
        let whole = newTensor(layout)
        instructions.append(.clear(buffer: try whole.buffer(name)))
        let copy = try Primitive(from: source.descriptor, to: corner, engine: engine, layer: name)
        run(
            copy, [(DNNL_ARG_SRC, source), (DNNL_ARG_DST, Tensor(descriptor: corner, place: whole.place))],
            layer: name)
        return whole
    }
}
