internal import Concurrency
internal import Synchronization

/// Runs a graph with its weights on the processor.
///
/// Any number of threads may call one instance at once: each call borrows a workspace, and the workspaces that
/// were needed at once stay for later.
final class Executor: Sendable {
    /// The largest batch that is run as one; larger counts are split, so that memory does not grow with them.
    static let largestBatch = 16

    private struct State {
        var plan: Plan
        var constants = Constants()
        var programs: [Int: Program] = [:]
        var idle: [Int: [Workspace]] = [:]
    }

    let inputShape: TensorShape
    let outputShape: TensorShape
    /// What the network answers for one image.
    let outputs: [(name: String, shape: TensorShape)]
    private let threads: Int
    private let engine: Handle
    private let state: Mutex<State>

    /// Prepares `graph` for single images; larger batches are prepared when they are first needed.
    ///
    /// - Parameter threads: threads of one call, fewer where the system makes fewer.
    init(_ graph: Graph, weights: some WeightSource, threads: Int) throws(NetworkError) {
        guard (1...256).contains(threads) else {
            throw .badArgument(name: "threads", reason: "\(threads) is outside 1...256")
        }
        inputShape = graph.inputShape
        outputShape = graph.outputShape
        outputs = graph.outputs.map { ($0.name, graph.shape(of: $0.value)) }
        self.threads = MakeableThreads.count(upTo: threads)
        let engine = try makeEngine()
        self.engine = engine
        state = Mutex(State(plan: try Plan(graph, weights: weights)))
        let first = try borrow(batch: 1)
        giveBack(first, batch: 1)
    }

    /// The first output of `count` images, row-major, images first.
    ///
    /// - Parameter fill: as below.
    func run(
        count: Int, fill: (_ index: Int, _ image: UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) -> [Float] {
        var first: [Float] = []
        first.reserveCapacity(count * outputShape.count)
        try unsafe run(count: count, fill: fill) { output, _, values in
            if output == 0 { unsafe first.append(contentsOf: values) }
        }
        return first
    }

    /// Runs images a few at a time, and hands on every output of each such batch.
    ///
    /// - Parameters:
    ///   - fill: writes image `index`, pixels side by side where it has planes; called once an image, in order.
    ///   - read: is given the output of this number for a range of images, row-major.
    func run(
        count: Int, fill: (_ index: Int, _ image: UnsafeMutableBufferPointer<Float>) -> Void,
        read: (_ output: Int, _ images: Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(NetworkError) {
        var done = 0
        while done < count {
            let batch = Self.batch(for: count - done)
            let workspace = try borrow(batch: batch)
            try withThreads(threads) { () throws(NetworkError) in
                try unsafe workspace.run(
                    fill: { images in unsafe Self.each(images, batch) { unsafe fill(done + $0, $1) } },
                    read: { unsafe read($0, done..<done + batch, $1) })
            }
            giveBack(workspace, batch: batch)
            done += batch
        }
    }

    /// Gives each of `batch` images its part.
    private static func each(
        _ images: UnsafeMutableBufferPointer<Float>, _ batch: Int,
        _ body: (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let size = images.count / batch
        for image in 0..<batch {
            let part = unsafe images[image * size..<(image + 1) * size]
            unsafe body(image, UnsafeMutableBufferPointer(rebasing: part))
        }
    }

    /// Powers of two, so that few programs serve every count.
    private static func batch(for count: Int) -> Int {
        var batch = largestBatch
        while batch > count { batch /= 2 }
        return batch
    }

    private func borrow(batch: Int) throws(NetworkError) -> Workspace {
        let program = try state.withLock { (state) throws(NetworkError) -> Result<Workspace, Missing> in
            if let workspace = state.idle[batch]?.popLast() { return .success(workspace) }
            if let program = state.programs[batch] { return .failure(Missing(program: program)) }
            let program = try withThreads(threads) { () throws(NetworkError) in
                try Compiler.compile(state.plan, batch: batch, constants: &state.constants, engine: engine)
            }
            state.programs[batch] = program

            return .failure(Missing(program: program))
        }
        switch program {
        case .success(let workspace): return workspace
        case .failure(let missing): return try Workspace(missing.program, engine: engine)
        }
    }

    private func giveBack(_ workspace: Workspace, batch: Int) {
        state.withLock { $0.idle[batch, default: []].append(workspace) }
    }

    /// No idle workspace runs this program yet.
    private struct Missing: Error {
        let program: Program
    }
}
