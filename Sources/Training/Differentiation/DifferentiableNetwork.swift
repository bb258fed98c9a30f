internal import Concurrency
internal import Glibc
public import Network

/// A graph that is run forward and backward: images in, embeddings out; the loss's gradient in, gradients out.
///
/// Everything is compiled and allocated once, for one batch size; a step allocates nothing but its answers.
/// The same inputs, parameters and thread count give the same bits. One thread's at a time.
public final class DifferentiableNetwork {
    /// What is run.
    public let graph: Graph
    /// Images of one step.
    public let batch: Int
    private let threads: Int
    private let parameterMemory: ParameterMemory
    private let tape: Tape
    private let workspace: Workspace
    private let entries: [NetworkParameters.Entry]
    /// Names of the layers that stay as they are.
    private let frozen: Set<String>
    private var ranForward = false
    /// Share of a batch's statistics in the running ones.
    private static let momentum: Float = 0.1

    /// Chooses oneDNN's operations and lays out one arena for both passes.
    ///
    /// - Parameters:
    ///   - graph: the layers that learn.
    ///   - batch: images of a step, 1…4,096.
    ///   - threads: threads of a step, 1…256.
    ///   - frozen: names of layers that learn nothing: they have no gradients, and their statistics stay and are what
    ///     they normalise with. Below the first layer that learns no gradient is computed at all.
    /// - Throws: `badArgument`, also where every layer is frozen; `noThread` where the system makes fewer threads, since with fewer the last bits of all
    ///   that is learnt would be others; `network` when oneDNN or the system's memory refuses.
    public init(
        _ graph: Graph, batch: Int, threads: Int, frozen: Set<String> = []
    ) throws(TrainingError) {
        guard (1...4096).contains(batch) else {
            throw .badArgument(name: "batch", reason: "\(batch) is outside 1...4096")
        }
        guard (1...256).contains(threads) else {
            throw .badArgument(name: "threads", reason: "\(threads) is outside 1...256")
        }
        guard graph.nodes.contains(where: { !$0.parameters.isEmpty && !frozen.contains($0.name) }) else {
            throw .badArgument(name: "freeze", reason: "leaves no layer that learns")
        }
        guard MakeableThreads.count(upTo: threads) == threads else {
            throw .noThread(ThreadError(code: EAGAIN))
        }
        self.graph = graph
        self.batch = batch
        self.threads = threads
        self.frozen = frozen
        entries = NetworkParameters.entries(of: graph)
        do throws(NetworkError) {
            let engine = try makeEngine()
            let memory = try ParameterMemory(entries, engine: engine)
            parameterMemory = memory
            (tape, workspace) = try withThreads(threads) { () throws(NetworkError) in
                let tape = try Tape(
                    graph, batch: batch, parameters: memory, engine: engine, frozen: frozen)
                return (tape, try Workspace(tape.program(), engine: engine))
            }
        } catch {
            throw .network(error)
        }
    }

    /// Operations of a backward pass.
    var backwardCount: Int { tape.instructions.count - tape.forwardCount }

    /// The embeddings of a batch, not of unit length; the running statistics in `parameters` move by a tenth.
    ///
    /// - Parameters:
    ///   - images: batch × height × width × channels, as the network's card normalises pixels.
    ///   - parameters: begins with the graph's tensors.
    ///   - dropoutSeed: decides which values are dropped, where the graph drops any.
    /// - Returns: batch × dimension, row-major.
    /// - Throws: `badArgument` for another number of values.
    public func forward(
        _ images: [Float], _ parameters: inout NetworkParameters, dropoutSeed: UInt64 = 0
    ) throws(TrainingError) -> [Float] {
        guard images.count == batch * graph.inputShape.count else {
            throw .badArgument(
                name: "images",
                reason: "have \(images.count) values, not \(batch) × \(graph.inputShape.count)")
        }
        guard parameters.entries.starts(with: entries) else {
            throw .badArgument(name: "parameters", reason: "are not those of this network")
        }
        parameterMemory.load(parameters.values)
        fill(tape.input, images)
        for (place, mask) in tape.masks.enumerated() {
            draw(mask, SeededNumbers(seed: dropoutSeed, stream: UInt64(place)))
        }
        for constant in tape.constants {
            unsafe workspace.floats(constant.buffer).update(repeating: constant.value)
        }
        try execute(0..<tape.forwardCount)
        update(&parameters)
        ranForward = true
        return unsafe Array(workspace.floats(tape.output).prefix(batch * graph.outputShape.count))
    }

    /// The gradients of the loss by every parameter, after `forward`.
    ///
    /// - Parameters:
    ///   - gradient: of the loss by what `forward` returned, batch × dimension.
    ///   - gradients: one number a parameter, overwritten as far as the graph's tensors go; 0 for statistics and for
    ///     frozen layers.
    /// - Throws: `badArgument` for another number of values, or without a forward pass.
    public func backward(_ gradient: [Float], into gradients: inout [Float]) throws(TrainingError) {
        guard ranForward else { throw .badArgument(name: "backward", reason: "needs a forward pass first") }
        guard gradient.count == batch * graph.outputShape.count else {
            throw .badArgument(
                name: "gradient",
                reason: "has \(gradient.count) values, not \(batch) × \(graph.outputShape.count)")
        }
        guard gradients.count >= graph.parameterCount else {
            throw .badArgument(
                name: "gradients",
                reason: "have room for \(gradients.count) values of \(graph.parameterCount)")
        }
        fill(tape.outputGradient, gradient)
        try execute(tape.forwardCount..<tape.instructions.count)
        // Statistics of the forward pass may be overwritten by now.
        ranForward = false
        parameterMemory.storeGradients(&gradients, except: frozen)
    }

    private func execute(_ instructions: Range<Int>) throws(TrainingError) {
        do throws(NetworkError) {
            try withThreads(threads) { () throws(NetworkError) in try workspace.execute(instructions) }
        } catch {
            throw .network(error)
        }
    }

    private func fill(_ buffer: Int, _ values: [Float]) {
        unsafe values.withUnsafeBufferPointer { source in
            let target = unsafe workspace.floats(buffer)
            if let from = source.baseAddress, let to = target.baseAddress {
                unsafe to.update(from: from, count: min(source.count, target.count))
            }
        }
    }

    private func draw(_ mask: Tape.Mask, _ numbers: SeededNumbers) {
        var numbers = numbers
        let kept = 1 / (1 - mask.rate)
        let values = unsafe workspace.floats(mask.buffer)
        for place in values.indices { unsafe values[place] = numbers.uniform() < mask.rate ? 0 : kept }
    }

    private func update(_ parameters: inout NetworkParameters) {
        for statistic in tape.statistics {
            let seen = unsafe workspace.floats(statistic.buffer)
            for (place, target) in statistic.running.enumerated() {
                parameters.values[target] +=
                    unsafe Self.momentum * (seen[place] * statistic.factor - parameters.values[target])
            }
        }
    }
}
