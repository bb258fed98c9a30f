/// How many lists must be read for a given loss, as measured on the lists themselves.
///
/// It depends on how alike the best answer is: a probe at 0.95 to its mate finds it in the first lists, one at
/// 0.4 almost anywhere. So a search reads on until the lists read suffice for the best answer it has. Should
/// it have missed the best one, that one is more alike still, and was to be found in fewer lists.
struct Calibration: Codable, Equatable, Sendable {
    /// What one loss needs.
    struct Row: Codable, Equatable, Sendable {
        /// Fraction of best answers missed, at most, 0…1.
        let loss: Double
        /// Lists to read if the best answer is as alike as the level of the same place; never descending.
        let probes: [Int]
        /// Lists read on average by the references that searched their neighbours.
        let typical: Int
    }

    /// Similarities, descending.
    let levels: [Float]

    /// By descending loss.
    private(set) var rows: [Row]

    /// Queries that were measured at each level.
    let queries: Int

    /// A calibration that vouches for nothing: every search reads everything.
    static let none = Calibration(levels: [], rows: [], queries: 0)

    /// The row that keeps `loss`; nil if only reading everything does.
    func row(forLoss loss: Double) -> Row? { rows.first { $0.loss <= loss } }

    /// The lists to read when the best answer so far has `similarity`.
    func probes(_ row: Row, similarity: Float, lists: Int) -> Int {
        // Between two levels the lower one, which needs more, is taken.
        guard let level = levels.firstIndex(where: { $0 <= similarity }) else { return lists }
        return min(row.probes[level], lists)
    }

    /// At most so many misses are to be expected where `missed` were seen: a Poisson bound, one-sided 95 %.
    static func upperBound(missed: Int) -> Double {
        Double(missed) + 2 + 1.645 * (Double(missed) + 0.5).squareRoot()
    }

    /// Typical lists read against loss.
    var shares: [IndexStatistics.ProbedShare] {
        rows.map { IndexStatistics.ProbedShare(probes: $0.typical, loss: $0.loss) }
    }
}

extension Calibration {
    /// Queries of one kind: how alike each one's best row is, and the rank of that row's list.
    struct Sample {
        let similarities: [Float]
        let ranks: [UInt32]
    }

    /// The losses that are measured; a search rounds its own down to one of these.
    static let losses = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]

    /// The calibration in which ranks of moved queries decide and others are asked whether it holds for them.
    ///
    /// `ranks` has as many elements as `levels`, each of as many queries. The first of `others` is typical.
    init(levels: [Float], ranks: [[UInt32]], others: [Sample], lists: Int) {
        let queries = ranks.first?.count ?? 0
        let descending = ranks.map { $0.sorted(by: >) }
        var calibration = Calibration(levels: levels, rows: [], queries: queries)
        var rows: [Row] = []
        for loss in Self.losses {
            guard let missed = Self.allowed(loss: loss, queries: queries) else { break }
            var probes: [Int] = []
            for sorted in descending { probes.append(max(probes.last ?? 1, Int(sorted[missed]) + 1)) }
            rows.append(calibration.row(loss, probes, holdingFor: others, lists: lists))
        }
        calibration.rows = rows
        self = calibration
    }

    /// Real neighbours may lie otherwise than moved references do: then more is read, at every level.
    private func row(_ loss: Double, _ probes: [Int], holdingFor others: [Sample], lists: Int) -> Row {
        var stretched = probes
        for factor in [1, 1.25, 1.5, 2, 3, 4, 6, 8, 16, Double(lists)] {
            stretched = probes.map { min(lists, Int(Double($0) * factor)) }
            let row = Row(loss: loss, probes: stretched, typical: 0)
            if others.allSatisfy({ holds(row, for: $0, lists: lists) }) { break }
        }
        let row = Row(loss: loss, probes: stretched, typical: 0)
        return Row(loss: loss, probes: stretched, typical: typical(row, others.first, lists: lists))
    }

    /// How many of `queries` may miss so that the loss can be vouched for; nil: none may, and that is not enough.
    static func allowed(loss: Double, queries: Int) -> Int? {
        let most = loss * Double(queries)
        guard upperBound(missed: 0) <= most else { return nil }
        var missed = 0
        while upperBound(missed: missed + 1) <= most { missed += 1 }
        return missed
    }

    private func holds(_ row: Row, for sample: Sample, lists: Int) -> Bool {
        let missed = zip(sample.similarities, sample.ranks).count {
            Int($1) >= probes(row, similarity: $0, lists: lists)
        }
        return Double(missed) <= row.loss * Double(sample.ranks.count)
    }

    private func typical(_ row: Row, _ sample: Sample?, lists: Int) -> Int {
        guard let sample, !sample.ranks.isEmpty else { return lists }
        let read = sample.similarities.reduce(0) { $0 + probes(row, similarity: $1, lists: lists) }
        return read / sample.ranks.count
    }
}
