internal import CSearchKernels

/// Measures on a base how many lists hide how many best answers.
///
/// Three kinds of query stand for the probes to come. "neighbour": a reference searches the best other one;
/// that is a second photo where a subject has several references, and a stranger where not. "mate": a
/// reference moved away until its similarity is that of the better quarter of those neighbours, in a
/// direction in which the gallery itself varies. "between": the mean of two references, one of them weighing
/// more: a face of no cluster. The best answer of the last two is taken to be the reference they started at.
struct Calibrator {
    let base: Base
    let rows: SampledRows
    let threads: Int

    /// The references that are mixed into the direction of a moved one.
    private static let mixed = 8

    /// The curves.
    func calibration() throws(IndexError) -> Calibration {
        guard rows.count > 1 else { return Calibration(curves: []) }
        let neighbours = try base.lists.rankBest(of: rows.floats, besides: rows.ids, threads: threads)
        let sorted = neighbours.similarities.sorted()
        let wanted = Double(min(max(sorted[sorted.count * 3 / 4], 0.3), 0.95))
        let lists = rows.ids.map { UInt32(base.row(of: $0).map(base.list(of:)) ?? 0) }
        let mates = try base.lists.rankOwn(of: moved(to: wanted), lists: lists, threads: threads)
        let between = try base.lists.rankOwn(of: mixedInPairs(), lists: lists, threads: threads)
        return Calibration(curves: [
            Calibration.Curve(kind: "neighbour", ranks: neighbours.ranks),
            Calibration.Curve(kind: "mate", ranks: mates),
            Calibration.Curve(kind: "between", ranks: between),
        ])
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
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
