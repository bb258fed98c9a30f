internal import COneDNN

/// Memory in which one thread at a time runs a program.
///
/// Owns the arena and everything that points into it.
@safe package final class Workspace: @unchecked Sendable {
    // Sendable because `Executor` lends a workspace to one call at a time and the class keeps no other link.
    private let program: Program
    private let stream: Handle
    private let arena: Pages
    private let calls: [Call]
    private let views: [Handle]

    @unsafe private enum Call {
        case run(OpaquePointer, [dnnl_exec_arg_t], layer: String)
        case clear(UnsafeMutableRawBufferPointer)
        case compute(Kernel, UnsafeMutableRawPointer?, input: Int, UnsafeMutableRawPointer?, output: Int)
    }

    package init(_ program: Program, engine: Handle) throws(NetworkError) {
        let stream = try makeStream(engine)
        let arena = try Pages(program.arenaBytes + max(program.scratchBytes, 64), layer: "workspace")
        var calls: [Call] = unsafe []
        var views: [Handle] = []
        func view(_ descriptor: Descriptor, _ offset: Int, _ layer: String) throws(NetworkError) -> Handle {
            let bytes = unsafe arena.bytes(offset, descriptor.bytes)
            let memory = try unsafe Memory(descriptor, at: bytes.baseAddress, engine: engine, layer: layer)
            views.append(memory.handle)
            return memory.handle
        }
        let scratch = try Descriptor([max(program.scratchBytes / 4, 1)], layer: "workspace")
        let working = try view(scratch, program.arenaBytes, "workspace")
        for instruction in program.instructions {
            switch instruction {
            case .clear(let buffer):
                unsafe calls.append(.clear(arena.bytes(program.offsets[buffer], program.sizes[buffer])))
            case .compute(let kernel, let from, let input, let to, let output):
                let source = unsafe arena.bytes(program.offsets[from], program.sizes[from]).baseAddress
                let target = unsafe arena.bytes(program.offsets[to], program.sizes[to]).baseAddress
                unsafe calls.append(.compute(kernel, source, input: input, target, output: output))
            case .run(let primitive, let arguments, let layer):
                var given = unsafe [dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: working.raw)]
                for argument in arguments {
                    let handle: Handle
                    switch argument.place {
                    case .constant(let memory): handle = memory.handle
                    case .buffer(let buffer):
                        handle = try view(argument.descriptor, program.offsets[buffer], layer)
                    }
                    unsafe given.append(dnnl_exec_arg_t(arg: argument.kind, memory: handle.raw))
                }
                unsafe calls.append(.run(primitive.handle.raw, given, layer: layer))
            }
        }
        self.program = program
        self.stream = stream
        self.arena = arena
        unsafe self.calls = calls
        self.views = views
    }

    /// Runs the program on what `fill` writes for the whole batch, images one after the other.
    ///
    /// - Parameter read: is given the result of each output, row-major.
    func run(
        fill: (UnsafeMutableBufferPointer<Float>) -> Void,
        read: (_ output: Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) {
        unsafe fill(floats(program.input))
        try execute(0..<program.instructions.count)
        for (index, buffer) in program.outputs.enumerated() { unsafe read(index, floats(buffer)) }
    }

    /// Runs some of the program's instructions, in order.
    package func execute(_ instructions: Range<Int>) throws(NetworkError) {
        for index in instructions {
            switch unsafe calls[index] {
            case .clear(let part):
                unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
            case .compute(let kernel, let source, let input, let target, let output):
                for image in 0..<program.batch {
                    let from = unsafe source.map {
                        unsafe $0.assumingMemoryBound(to: Float.self) + image * input
                    }
                    let to = unsafe target.map {
                        unsafe $0.assumingMemoryBound(to: Float.self) + image * output
                    }
                    let read = unsafe UnsafeMutableBufferPointer(start: from, count: input)
                    let written = unsafe UnsafeMutableBufferPointer(start: to, count: output)
                    var target = unsafe written.mutableSpan
                    unsafe kernel.run(read.span, &target)
                }
            case .run(let primitive, let arguments, let layer):
                try check(
                    unsafe dnnl_primitive_execute(primitive, stream.raw, Int32(arguments.count), arguments),
                    "execute", layer: layer)
            }
        }
        try check(unsafe dnnl_stream_wait(stream.raw), "wait", layer: "output")
    }

    /// The numbers of a buffer.
    package func floats(_ buffer: Int) -> UnsafeMutableBufferPointer<Float> {
        unsafe arena.bytes(program.offsets[buffer], program.sizes[buffer]).bindMemory(to: Float.self)
    }
}
