internal import CSearchKernels
internal import Glibc

/// The safety margins of a search: Y for lists and Z for codes in `docs/index.md`, in standard deviations.
///
/// A list or row is skipped only if it can beat neither the best answer found so far nor the last of those asked for.
struct Pruning: Codable, Equatable, Sendable {
    /// Z: for a row whose code has been read.
    var code: Float
    /// Y: for a list.
    var list: Float

    /// The larger of two margins, each for itself.
    func wider(_ other: Pruning?) -> Pruning {
        guard let other else { return self }
        return Pruning(code: max(code, other.code), list: max(list, other.list))
    }

    /// How much smaller the margins are for the last answer than for the best.
    static let easeForLastCode: Float = 0.5
    static let easeForLastList: Float = 1

    /// Between two, at `share` of the way from `self` to `wider`.
    func lerp(to wider: Pruning, _ share: Float) -> Pruning {
        Pruning(
            code: code * (1 - share) + wider.code * share, list: list * (1 - share) + wider.list * share)
    }

    var limits: csk_pruning {
        csk_pruning(
            best_code: code, last_code: code - Self.easeForLastCode, best_list: list,
            last_list: list - Self.easeForLastList)
    }
}

/// The margins that each search loss needs, as measured on the index's own vectors.
struct Calibration: Codable, Equatable, Sendable {
    /// The margins for one loss.
    struct Row: Codable, Equatable, Sendable {
        /// The largest share of searches that may miss their best answer, 0…1.
        let loss: Double
        let pruning: Pruning
        /// The same for a probe whose best answer is less similar than `Calibration.nearFrom`.
        let farPruning: Pruning
        /// The share of the calibration's probes that missed it.
        let measured: Double
        /// The share of all codes that is read, on average over references that search their nearest other reference.
        var codesRead: Double
    }

    /// By descending loss.
    var rows: [Row]

    /// Probes that were measured.
    let probes: Int

    /// A probe whose best answer is less similar than this is unlike everything in the index, and is searched again with
    /// larger margins.
    let nearFrom: Float

    /// No calibration: every search compares everything.
    static let none = Calibration(rows: [], probes: 0, nearFrom: -1)

    /// The losses that are measured.
    static let losses = [
        0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.015, 0.01, 0.007, 0.005, 0.003, 0.002, 0.0015, 0.001, 0.000_7,
        0.000_5, 0.000_3, 0.000_2, 0.000_1,
    ]

    /// The margins for a loss: for probes that are like the index's own vectors, and for others.
    ///
    /// Nil if only comparing everything keeps the loss. Between two calibrated losses, the margins are interpolated
    /// linearly, provided the measured loss at the larger one is within what was asked; otherwise they are those of the
    /// smaller loss.
    func pruning(for mode: IndexSearchMode) -> (near: Pruning, far: Pruning)? {
        guard case .maxSearchLoss(let loss) = mode else { return nil }
        // By number: without the optimiser `first(where:)` allocates, and a search must not in any build.
        for number in rows.indices where rows[number].loss <= loss {
            let row = rows[number]
            guard number > 0, loss > row.loss, rows[number - 1].measured <= loss else {
                return (row.pruning, row.farPruning)
            }
            let wider = rows[number - 1]
            let share = Float((loss - row.loss) / (wider.loss - row.loss))
            return (
                row.pruning.lerp(to: wider.pruning, share), row.farPruning.lerp(to: wider.farPruning, share)
            )
        }
        return nil
    }
}

/// What one kind of probe needs to find its best answers: a number a probe, in standard deviations.
struct Needs {
    private let ascending: [Float]

    init(_ needs: [Float]) { ascending = needs.sorted() }

    /// The part of the distribution beyond which probes are too few to be counted.
    private static let countable = 0.95

    /// The least that leaves `share` of such probes without their best answer.
    ///
    /// Where they are too few to be counted the tail is taken for that of a normal distribution of this deviation.
    func limit(missing share: Double, deviation: Double) -> Float {
        guard !ascending.isEmpty else { return -.infinity }
        let counted = quantile(min(1 - share, Self.countable))
        guard 1 - share > Self.countable, counted.isFinite else { return counted }
        return counted + Float(deviation * (Self.normal(1 - share) - Self.normal(Self.countable)))
    }

    /// The deviation of a normal distribution with the upper tail of these needs.
    var tailDeviation: Double {
        let low = Double(quantile(0.8))
        let high = Double(quantile(0.99))
        guard low.isFinite, high.isFinite else { return 1 }
        return (high - low) / (Self.normal(0.99) - Self.normal(0.8))
    }

    private func quantile(_ share: Double) -> Float {
        ascending[min(ascending.count - 1, Int(share * Double(ascending.count)))]
    }

    /// The standard normal number that a share of all is below, 0 < share < 1.
    static func normal(_ share: Double) -> Double {
        var low = -40.0
        var high = 40.0
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
