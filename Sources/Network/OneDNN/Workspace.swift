internal import COneDNN

/// Memory in which one thread at a time runs a program.
///
/// Owns the arena and everything that points into it.
@safe final class Workspace: @unchecked Sendable {
    // Sendable because `Executor` lends a workspace to one call at a time and the class keeps no other link.
    private let program: Program
    private let stream: Handle
    private let arena: UnsafeMutableRawBufferPointer
    private let calls: [Call]
    private let views: [Handle]

    @unsafe private enum Call {
        case run(OpaquePointer, [dnnl_exec_arg_t], layer: String)
        case clear(UnsafeMutableRawBufferPointer)
    }

    init(_ program: Program, engine: Handle) throws(NetworkError) {
        let stream = try makeStream(engine)
        let scratch = program.arenaBytes
        // A buffer of at least one line keeps every base address real.
        let arena = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(scratch + program.scratchBytes, 64), alignment: 64)
        var calls: [Call] = unsafe []
        var views: [Handle] = []
        do {
            let working = try unsafe Memory(
                try Descriptor([max(program.scratchBytes / 4, 1)], layer: "input"),
                at: arena.baseAddress.map { unsafe $0 + (program.scratchBytes > 0 ? scratch : 0) },
                engine: engine,
                layer: "input")
            views.append(working.handle)
            for instruction in program.instructions {
                switch instruction {
                case .clear(let buffer):
                    let start = program.offsets[buffer]
                    let part = unsafe arena[start..<start + program.sizes[buffer]]
                    unsafe calls.append(.clear(UnsafeMutableRawBufferPointer(rebasing: part)))
                case .run(let primitive, let arguments, let layer):
                    var given = unsafe [dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: working.handle.raw)]
                    for argument in arguments {
                        switch argument.place {
                        case .constant(let memory):
                            unsafe given.append(dnnl_exec_arg_t(arg: argument.kind, memory: memory.handle.raw))
                        case .buffer(let buffer):
                            let view = try unsafe Memory(
                                argument.descriptor,
                                at: arena.baseAddress.map { unsafe $0 + program.offsets[buffer] },
                                engine: engine,
                                layer: layer)
                            views.append(view.handle)
                            unsafe given.append(dnnl_exec_arg_t(arg: argument.kind, memory: view.handle.raw))
                        }
                    }
                    unsafe calls.append(.run(primitive.handle.raw, given, layer: layer))
                }
            }
        } catch {
            unsafe arena.deallocate()
            throw error
        }
        self.program = program
        self.stream = stream
        unsafe self.arena = arena
        unsafe self.calls = calls
        self.views = views
    }

    deinit { unsafe arena.deallocate() }

    /// Runs the program on what `fill` writes: batch × channels × height × width, row-major.
    ///
    /// The result of the whole batch is appended to `output`.
    func run(
        fill: (UnsafeMutableBufferPointer<Float>) -> Void, into output: inout [Float]
    ) throws(NetworkError) {
        unsafe fill(floats(program.input))
        for index in unsafe calls.indices {
            switch unsafe calls[index] {
            case .clear(let part):
                unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
            case .run(let primitive, let arguments, let layer):
                try check(
                    unsafe dnnl_primitive_execute(primitive, stream.raw, Int32(arguments.count), arguments),
                    "execute", layer: layer)
            }
        }
        try check(unsafe dnnl_stream_wait(stream.raw), "wait", layer: "output")
        unsafe output.append(contentsOf: floats(program.output))
    }

    private func floats(_ buffer: Int) -> UnsafeMutableBufferPointer<Float> {
        let start = program.offsets[buffer]
        let part = unsafe arena[start..<start + program.sizes[buffer]]
        return unsafe UnsafeMutableRawBufferPointer(rebasing: part).bindMemory(to: Float.self)
    }
}
