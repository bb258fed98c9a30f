internal import Glibc
public import Network

/// What changes parameters by their gradients.
///
/// Equal steps on equal parameters give equal results bit for bit. Running statistics are never touched.
/// A value; one thread's at a time.
public struct Optimizer: Sendable {
    /// The rule of a step.
    ///
    /// Momentum and betas are in 0..<1, epsilons above 0; others are taken as they are.
    public enum Method: Codable, Sendable, Equatable {
        /// Gradient descent whose steps go on by `momentum` (0 for none).
        case sgd(momentum: Float)
        /// Adam (Kingma and Ba, 2015), with weight decay apart from the gradient (AdamW: Loshchilov and
        /// Hutter, 2019).
        case adam(beta1: Float, beta2: Float, epsilon: Float)
        /// AdaGrad (Duchi, Hazan and Singer, 2011).
        case adaGrad(epsilon: Float)

        var momentNames: [String] {
            switch self {
            case .sgd: ["momentum"]
            case .adam: ["first", "second"]
            case .adaGrad: ["sum"]
            }
        }
    }

    /// The rule of a step.
    public let method: Method
    /// How much weights shrink.
    ///
    /// For Adam a step takes away learning rate × this of a weight; else this × weight is added to the
    /// gradient. Only tensors of role weight decay.
    public let weightDecay: Float
    /// The Euclidean length to which a longer gradient is scaled; nil for any length.
    public let clipNorm: Float?
    /// How many steps were made.
    public private(set) var steps = 0
    private var state: [[Float]]
    /// Names of the layers whose parameters stay as they are.
    private let frozen: Set<String>

    /// An optimizer of parameters laid out like these, which leaves the layers of the names `frozen` as they are.
    public init(
        _ method: Method, weightDecay: Float, clipNorm: Float?, parameters: NetworkParameters,
        frozen: Set<String> = []
    ) {
        self.frozen = frozen
        self.method = method
        self.weightDecay = weightDecay
        self.clipNorm = clipNorm
        state = method.momentNames.map { _ in Array(repeating: 0, count: parameters.values.count) }
    }

    /// What the optimizer remembers, laid out like `Parameters.values`; a checkpoint holds these and `steps`.
    public var moments: [(name: String, values: [Float])] {
        Array(zip(method.momentNames, state)).map { (name: $0, values: $1) }
    }

    /// Goes on from a checkpoint.
    ///
    /// - Throws: `badArgument` when the moments are another method's or another network's, `notFinite` when
    ///   one is NaN or infinite.
    public mutating func restore(
        moments: [(name: String, values: [Float])], steps: Int
    ) throws(TrainingError) {
        let count = state.first?.count ?? 0
        guard steps >= 0, moments.map(\.name) == method.momentNames,
            moments.allSatisfy({ $0.values.count == count })
        else {
            throw .badArgument(
                name: "optimizer",
                reason: "has moments \(moments.map { "\($0.name) (\($0.values.count))" }) after \(steps) steps;"
                    + " \(method.momentNames) of \(count) are needed")
        }
        for moment in moments where !allFinite(moment.values) {
            throw .notFinite(what: "the checkpoint's moments")
        }
        state = moments.map(\.values)
        self.steps = steps
    }

    /// Changes the parameters by one step against the gradients.
    ///
    /// O(parameters). A gradient longer than `clipNorm` is scaled to it in place. One with NaN, or longer than about
    /// 1e19, changes nothing and is not counted as a step; the result is then not finite.
    ///
    /// - Returns: the Euclidean length of the trained parameters' gradient before clipping.
    /// - Precondition: parameters and gradients are laid out as at `init`.
    @discardableResult
    public mutating func step(
        _ parameters: inout NetworkParameters, gradients: inout [Float], learningRate: Float
    ) -> Float {
        let count = state.first?.count ?? 0
        precondition(
            parameters.values.count == count && gradients.count == count, "parameters of another network")
        let trained = parameters.entries.filter { $0.role.isTrained && !$0.isOf(frozen) }
        let norm = trained.reduce(0.0) { $0 + sumOfSquares(gradients, $1.range) }.squareRoot()
        guard norm.isFinite else { return Float(norm) }
        if let clipNorm, norm > Double(clipNorm) {
            let factor = Float(Double(clipNorm) / norm)
            for entry in trained { scale(&gradients, entry.range, by: factor) }
        }
        steps += 1
        for entry in trained {
            let decay = entry.role == .weight ? weightDecay : 0
            change(&parameters.values, gradients, entry.range, rate: learningRate, decay: decay)
        }
        return Float(norm)
    }

    private mutating func change(
        _ values: inout [Float], _ gradients: [Float], _ range: Range<Int>, rate: Float, decay: Float
    ) {
        switch method {
        case .sgd(let momentum):
            descend(&values, gradients, &state[0], range, rate: rate, decay: decay, momentum: momentum)
        case .adam(let beta1, let beta2, let epsilon):
            // The corrections as in the paper's section 2, folded into rate and root.
            let first = rate / Float(1 - pow(Double(beta1), Double(steps)))
            let root = Float(1 / (1 - pow(Double(beta2), Double(steps))).squareRoot())
            var (m, v) = (state[0], state[1])
            state = []
            adapt(
                &values, gradients, &m, &v, range, keep: 1 - rate * decay, rate: first, root: root,
                beta1: beta1, beta2: beta2, epsilon: epsilon)
            state = [m, v]
        case .adaGrad(let epsilon):
            descend(&values, gradients, sum: &state[0], range, rate: rate, decay: decay, epsilon: epsilon)
        }
    }
}
