/// How many lists must be read for a given loss, as measured on the lists themselves.
///
/// There is a curve for each kind of query; a loss is promised only if every curve keeps it.
struct Calibration: Codable, Equatable, Sendable {
    /// With `probes` lists read, at most `missed` of the curve's queries missed their best answer.
    struct Point: Codable, Equatable, Sendable {
        let missed: Int
        let probes: Int
    }

    /// One kind of query.
    struct Curve: Codable, Equatable, Sendable {
        let kind: String
        let queries: Int
        /// By ascending `missed`, descending `probes`.
        let points: [Point]
    }

    let curves: [Curve]

    /// The lists to read for `loss`; all of them if the measurement cannot vouch for so little.
    func probes(forLoss loss: Double, lists: Int) -> Int {
        guard loss < 1 else { return min(1, lists) }
        guard !curves.isEmpty else { return lists }
        return curves.map { min($0.probes(forLoss: loss) ?? lists, lists) }.max() ?? lists
    }
}

extension Calibration.Curve {
    /// The curve of queries whose best row lies in the list of these ranks (0: in the nearest list).
    init(kind: String, ranks: [UInt32]) {
        let descending = ranks.sorted(by: >)
        var points: [Calibration.Point] = []
        var missed = 0
        while missed < descending.count {
            let probes = Int(descending[missed]) + 1
            if points.last?.probes != probes {
                points.append(Calibration.Point(missed: missed, probes: probes))
            }
            missed += max(1, missed / 8)
        }
        self.init(kind: kind, queries: ranks.count, points: points)
    }

    /// The smallest measured number of lists that keeps `loss` with a confidence of 95 %; nil: all.
    func probes(forLoss loss: Double) -> Int? {
        points.last { Self.upperBound(missed: $0.missed) <= loss * Double(queries) }?.probes
    }

    /// At most so many misses are to be expected where `missed` were seen: a Poisson bound, one-sided 95 %.
    static func upperBound(missed: Int) -> Double {
        Double(missed) + 2 + 1.645 * (Double(missed) + 0.5).squareRoot()
    }

    /// The measured loss with `probes` lists.
    func loss(probes: Int) -> Double {
        guard queries > 0 else { return 0 }
        let point = points.first { $0.probes <= probes }
        return Double(point?.missed ?? 0) / Double(queries)
    }
}

extension Calibration {
    /// The curves as one: the worse loss at every number of lists that was measured.
    var shares: [IndexStatistics.ProbedShare] {
        Set(curves.flatMap { $0.points.map(\.probes) }).sorted().map { probes in
            IndexStatistics.ProbedShare(probes: probes, loss: curves.map { $0.loss(probes: probes) }.max() ?? 0)
        }
    }
}
