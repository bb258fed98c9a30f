internal import Files
internal import Onnx
internal import Synchronization

/// A network of any kind, read from an ONNX file: images in, named arrays of numbers out.
///
/// Any number of threads may call one instance at once. A face finder is run over photos of any size: the layers of
/// each size are prepared when it first comes, and kept.
public final class TensorNetwork: Sendable {
    /// What the network answers for a batch of images, an array per output.
    public struct Answer: Sendable {
        /// Shape of each output for one image, by name.
        public let shapes: [String: TensorShape]
        /// Numbers of each output, by name: images one after the other, each row-major.
        public let values: [String: [Float]]
    }

    /// What errors call the file.
    public let path: String
    /// The input of one image, as the file names it; nil where the file leaves its size open.
    public let inputShape: TensorShape?
    /// Names of the outputs, in the file's order.
    public let outputs: [String]
    private let model: OnnxModel
    private let threads: Int
    private let prepared = Mutex(Prepared())

    /// The sizes of input that are prepared.
    private struct Prepared {
        var executors: [TensorShape: (executor: Executor, lastUse: Int)] = [:]
        var uses = 0

        mutating func executor(_ input: TensorShape) -> Executor? {
            uses += 1
            executors[input]?.lastUse = uses
            return executors[input]?.executor
        }

        /// Keeps one more; where there are too many, the one whose last use is longest ago goes.
        mutating func keep(_ executor: Executor, for input: TensorShape) {
            if executors.count >= TensorNetwork.mostSizes,
                let oldest = executors.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                executors[oldest.key] = nil
            }
            executors[input] = (executor, uses)
        }
    }

    /// The most sizes of input that stay prepared.
    static let mostSizes = 16

    /// The sizes of input that are prepared now.
    var preparedSizes: Set<TensorShape> { prepared.withLock { Set($0.executors.keys) } }

    /// Reads a file of at most 1 GiB.
    ///
    /// - Parameters:
    ///   - path: an ONNX file of operator set 7 or later.
    ///   - threads: threads one call may use, 1…256.
    /// - Throws: `unreadable`, or `badModel` with the node and the reason.
    public convenience init(onnx path: String, threads: Int = 1) throws(NetworkError) {
        try self.init(bytes: readFile(path, limit: OnnxModel.largestFile), path: path, threads: threads)
    }

    /// Takes the bytes of an ONNX file.
    ///
    /// - Parameters:
    ///   - bytes: the bytes of the file, of operator set 7 or later.
    ///   - path: what errors call it.
    ///   - threads: threads one call may use, 1…256.
    public init(bytes: [UInt8], path: String, threads: Int = 1) throws(NetworkError) {
        guard (1...256).contains(threads) else {
            throw .badArgument(name: "threads", reason: "\(threads) is outside 1...256")
        }
        model = try TensorNetwork.model(bytes, path: path)
        inputShape = try? OnnxImport.inputShape(of: model)
        outputs = model.outputs.map(\.name)
        self.path = path
        self.threads = threads
    }

    static func model(_ bytes: [UInt8], path: String) throws(NetworkError) -> OnnxModel {
        do throws(OnnxError) { return try OnnxModel(bytes).folded() } catch {
            throw .badModel(path: path, reason: "\(error)")
        }
    }

    /// The layers for an input of this shape.
    ///
    /// - Throws: `badModel` where they do not fit it.
    public func graph(_ input: TensorShape) throws(NetworkError) -> Graph {
        try OnnxImport.run(model, path: path, input: input).graph
    }

    /// Runs images of one shape.
    ///
    /// Memory does not grow with their number beyond the answer's own. The first call for a shape prepares it, in
    /// some ten milliseconds.
    ///
    /// - Parameters:
    ///   - count: number of images.
    ///   - input: shape of one; for planes of pixels, channels × height × width.
    ///   - fill: writes image `index`: for planes pixel by pixel, the channels of each side by side, as photos are
    ///     kept; for other shapes row-major. Called once an image, in order; it writes every number.
    /// - Returns: every output of every image.
    /// - Throws: `badModel` where the layers do not fit the shape.
    public func run(
        count: Int, input: TensorShape, fill: (_ index: Int, _ image: inout MutableSpan<Float>) -> Void
    ) throws(NetworkError) -> Answer {
        let executor = try executor(input)
        var values = executor.outputs.map { output in
            [Float](repeating: 0, count: count * output.shape.count)
        }
        try unsafe executor.run(
            count: count,
            fill: { index, image in
                var span = unsafe image.mutableSpan
                fill(index, &span)
            },
            read: { output, images, numbers in
                let size = executor.outputs[output].shape.count
                unsafe values[output].withUnsafeMutableBufferPointer { all in
                    let part = unsafe all[images.lowerBound * size..<images.upperBound * size]
                    _ = unsafe UnsafeMutableBufferPointer(rebasing: part).update(from: numbers)
                }
            })
        let names = executor.outputs.map(\.name)
        return Answer(
            shapes: Dictionary(uniqueKeysWithValues: zip(names, executor.outputs.map(\.shape))),
            values: Dictionary(uniqueKeysWithValues: zip(names, values)))
    }

    private func executor(_ input: TensorShape) throws(NetworkError) -> Executor {
        if let found = prepared.withLock({ $0.executor(input) }) { return found }
        let (graph, weights) = try OnnxImport.run(model, path: path, input: input)
        let new = try Executor(graph, weights: weights, threads: threads)
        return prepared.withLock { all in
            if let found = all.executor(input) { return found }
            all.keep(new, for: input)
            return new
        }
    }
}
