internal import CSearchKernels
internal import Glibc

/// Measures on a base how many lists hide how many best answers.
///
/// At each level of similarity, references are moved away from themselves until they are just so alike, in a
/// direction in which the gallery itself varies; the rank of the list they came from says how many lists a
/// mate at that similarity needs. (A better answer would be more alike and need fewer.) Two more kinds of query,
/// searched exactly, say whether that holds: references that search their nearest other one (a second photo
/// where a subject has several, a stranger where not), and mixtures of two references, faces of no cluster.
struct Calibrator {
    let base: Base
    let rows: SampledRows
    let threads: Int

    /// The references that are mixed into the direction of a moved one.
    private static let mixed = 8

    /// Products that the exact search of neighbours may cost: that of 1,015 probes at 1,000,000 x 128.
    private static let searchedProducts = 1.3e11

    /// Similarities at every four degrees, from nearly equal to nearly unrelated.
    private static let levels = stride(from: 4.0, through: 84, by: 4).map { Float(cos($0 * .pi / 180)) }

    /// The calibration of the base's lists.
    func calibration() throws(IndexError) -> Calibration {
        guard rows.count > 1 else { return .none }
        let lists = rows.ids.map { UInt32(base.row(of: $0).map(base.list(of:)) ?? 0) }
        var ranks: [[UInt32]] = []
        for level in Self.levels {
            ranks.append(try base.lists.rankOwn(of: moved(to: Double(level)), lists: lists, threads: threads))
        }
        return Calibration(
            levels: Self.levels, ranks: ranks, others: try searched(), lists: base.lists.count)
    }

    /// References that search their nearest other one, and a quarter as many mixtures of two.
    private func searched() throws(IndexError) -> [Calibration.Sample] {
        // An exact search of all rows is most of the work: so many that it stays in proportion to training.
        let most = Self.searchedProducts / Double(base.rowCount * rows.dimension)
        let neighbourCount = min(rows.count, max(512, Int(most)))
        let mixtureCount = max(1, neighbourCount / 4)
        let dimension = rows.dimension
        // Every so many rows of the sample, which follows the order of the rows they came from.
        let chosen = (0..<neighbourCount).map { $0 * rows.count / neighbourCount }
        let mixtures = mixedInPairs()
        let ids = chosen.map { rows.ids[$0] } + Array(repeating: -1, count: mixtureCount)
        var queries: [Float] = []
        queries.reserveCapacity(ids.count * dimension)
        for row in chosen { queries += rows[row] }
        for mixture in 0..<mixtureCount {
            let row = mixture * rows.count / mixtureCount
            queries += mixtures[row * dimension..<(row + 1) * dimension]
        }
        let found = try base.lists.rankBest(of: queries, besides: ids, threads: threads)
        return [0..<neighbourCount, neighbourCount..<ids.count].map { range in
            Calibration.Sample(similarities: Array(found.similarities[range]), ranks: Array(found.ranks[range]))
        }
    }

    /// Every row at `similarity` to itself, in the direction of the difference between other rows.
    private func moved(to similarity: Double) -> [Float] {
        var random = SplitMix(seed: 20_260_101)
        return unsafe made { rows, own, out in
            let others = (0..<Self.mixed).map { _ in Int(random.next() % UInt64(self.rows.count)) }
            unsafe csk_move_row(rows, own, others, others.count, self.rows.dimension, similarity, out)
        }
    }

    /// Every row and up to nine tenths of another.
    private func mixedInPairs() -> [Float] {
        var random = SplitMix(seed: 20_260_102)
        return unsafe made { rows, own, out in
            let other = Int(random.next() % UInt64(self.rows.count))
            let share = Double(random.next() % 1_024) / 1_024 * 0.9
            unsafe csk_mix_rows(rows, own, other, self.rows.dimension, share, out)
        }
    }

    private func made(
        _ make: (UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>) -> Void
    ) -> [Float] {
        unsafe Array(unsafeUninitializedCapacity: rows.floats.count) { buffer, count in
            unsafe rows.floats.withUnsafeBufferPointer { floats in
                guard let from = floats.baseAddress, let to = buffer.baseAddress else { return }
                for row in 0..<rows.count { unsafe make(from, row, to + row * rows.dimension) }
                count = rows.floats.count
            }
        }
    }
}

/// A small generator with a seed, so that the same references give the same calibration (Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014).
package struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
