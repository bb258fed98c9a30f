import VectorFiles

/// How much of the truth a search has found, judged by the similarities of rows, not by their numbers.
struct Recall: Sendable {
    private let probes: Int
    private let neighbours: Int
    /// For each probe the similarity of its first, second … neighbour, best first.
    private let similarities: [Double]

    /// How much less alike than the truth a row may be: the rounding of float32 sums.
    private static let tolerance = 1e-6
    /// So many places are judged.
    private static let depth = 10

    /// Computes the similarities of the true neighbours.
    ///
    /// - Throws: `BenchFault` where the truth is not one of these probes among these references.
    init(probes: [Float], truth: NpyIntegers, base: NpyMatrixMap) throws {
        self.probes = probes.count / base.columns
        neighbours = min(Self.depth, base.rows)
        guard truth.rows == self.probes else {
            throw BenchFault("the truth has \(truth.rows) rows for \(self.probes) probes")
        }
        guard truth.columns >= neighbours else {
            throw BenchFault("the truth has \(truth.columns) neighbours a probe; \(neighbours) are needed")
        }
        var similarities: [Double] = []
        for probe in 0..<truth.rows {
            for row in truth[probe].prefix(neighbours) {
                guard let row = Int(exactly: row), (0..<base.rows).contains(row) else {
                    throw BenchFault("the truth of probe \(probe) names row \(row) of \(base.rows)")
                }
                similarities.append(Self.similarity(probes, probe, base, row))
            }
        }
        self.similarities = similarities
    }

    /// Shares of the probes whose first answer is a best one, and of the true first ten that were found.
    ///
    /// Each row that was found counts once; one that is as much alike as the truth's counts as found. The second is
    /// nil if fewer than ten were asked for.
    ///
    /// - Throws: `BenchFault` where something better than the truth was found: it is then none, and every search would
    ///   seem perfect.
    func measure(
        _ found: Answers, probes: [Float], base: NpyMatrixMap
    ) throws(BenchFault) -> (first: Double, firstTen: Double?) {
        var (first, firstTen) = (0, 0)
        for probe in 0..<found.probes {
            let truth = similarities[probe * neighbours..<(probe + 1) * neighbours]
            guard let best = truth.first, let last = truth.last else { continue }
            var seen = Set<Int64>()
            var hits = 0
            for (place, id) in found.ids(of: probe).prefix(neighbours).enumerated()
            where (0..<Int64(base.rows)).contains(id) && seen.insert(id).inserted {
                let similarity = Self.similarity(probes, probe, base, Int(id))
                guard similarity <= best + 10 * Self.tolerance else {
                    throw BenchFault(
                        "the truth of probe \(probe) is none: row \(id) is nearer (\(similarity)) than its best "
                            + "(\(best)); compute the truth of these references and probes again")
                }
                if place == 0, similarity >= best - Self.tolerance { first += 1 }
                if similarity >= last - Self.tolerance { hits += 1 }
            }
            firstTen += hits
        }
        let all = Double(probes.count / base.columns)
        let recall10 = Double(firstTen) / (all * Double(neighbours))
        return (Double(first) / all, found.k >= neighbours ? recall10 : nil)
    }

    private static func similarity(_ probes: [Float], _ probe: Int, _ base: NpyMatrixMap, _ row: Int) -> Double
    {
        unsafe base.withRows(row..<row + 1) { numbers in
            var sum = 0.0
            for place in numbers.indices {
                unsafe sum += Double(probes[probe * numbers.count + place]) * Double(numbers[place])
            }
            return sum
        }
    }
}
