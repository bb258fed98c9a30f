internal import CSearchKernels
internal import Glibc
internal import Synchronization

/// Measures on an index how sure a search must be for each loss.
///
/// Probes are made of its own vectors: references that search their nearest other one (a second photo where a subject
/// has several, a stranger where not), mixtures of two references (faces of no list), and references that are moved
/// away from themselves, in a direction in which the gallery itself varies: as far as their neighbours are and a
/// little further (mates of every similarity at which a mate can still be the best answer), and farther than that
/// (probes that are unlike everything).
/// Each is searched; then its best answer tells how sure one must be not to miss it: of its list, and of its code.
struct Calibrator {
    let index: VectorIndex
    let view: SearchView
    /// Some vectors of the index and their ids.
    let sample: SampledRows
    let threads: Int

    private static let neighbourCount = 1_024
    private static let mixtureCount = 256
    private static let movedEachTime = 256
    /// How far references are moved, as parts of the angle to a far neighbour.
    private static let nearDistances = [0.4, 0.6, 0.8, 1, 1.1]
    /// The same beyond the last of those, as parts of the way to nearly a right angle.
    private static let farDistances = [1.0 / 3, 2.0 / 3, 1]
    private static let farthest = 85 * Double.pi / 180
    /// The references that are mixed into the direction of a moved one.
    private static let mixed = 8
    /// Answers that are looked at: those of a search, and one for a probe that is itself in the index.
    private static let answers = Int(csk_least_needed) + 1
    /// Few enough that the vectors they look at take little memory: the system maps 64 KiB around each.
    private static let searchedAtOnce = 16
    /// Sure enough to find what a calibrated search may miss, and the most that needs may come near.
    private static let wide = Pruning(code: 4.5, list: 9)
    private static let nearlyWide = Pruning(code: 3.8, list: 8)
    /// So sure that every row is compared by its bytes.
    ///
    /// Not an exact search: where a gallery has thousands of equal templates, that compares each probe with all of them
    /// to know which have the lowest ids, and a calibration needs no ids.
    private static let everything = Pruning(code: 1e6, list: 1e6)

    /// Probes of one kind, row-major, with the id each must not find.
    fileprivate struct Kind {
        var probes: [Float] = []
        var besides: [Int64] = []
    }

    /// What was found of one probe: how sure a search must be of code and list, and how alike its best answer is.
    private struct Finding {
        var code: Float = -.infinity
        var list: Float = -.infinity
        var similarity: Float = 1
    }

    /// The calibration of the view.
    func calibration() throws(IndexError) -> Calibration {
        guard sample.count > 1, let segment = view.state.segments.first?.segment else { return .none }
        let neighbours = try findings(self.neighbours, segment)
        let angle = angleToAFarNeighbour(neighbours.map(\.similarity))
        var near = [neighbours, try findings(mixtures, segment)]
        for part in Self.nearDistances { near.append(try findings(moved(by: part * angle), segment)) }
        var far: [[Finding]] = []
        let edge = min(Self.farthest, angle * (Self.nearDistances.last ?? 1))
        for part in Self.farDistances {
            far.append(try findings(moved(by: edge + part * (Self.farthest - edge)), segment))
        }
        // Of the kind with most probes; no narrower than chance could make it seem.
        let deviation = Pruning(
            code: Float(max(0.6, Needs(neighbours.map(\.code)).tailDeviation)),
            list: Float(max(0.3, Needs(neighbours.map(\.list)).tailDeviation)))
        let found = (near + far).flatMap { $0 }
        var rows: [Calibration.Row] = []
        for loss in Calibration.losses {
            // Never less sure than for a larger loss, nor of what is far than of what is near.
            let pruning = limits(near, missing: loss, deviation, atLeast: rows.last?.pruning)
            let farPruning = limits(
                far, missing: loss, deviation, atLeast: pruning.wider(rows.last?.farPruning))
            // Where nothing else is sure enough, everything is read.
            guard farPruning.code < 100, farPruning.list < 100 else { break }
            let missed = missed(near.joined(), pruning) + missed(far.joined(), farPruning)
            rows.append(
                Calibration.Row(
                    loss: loss, pruning: pruning, farPruning: farPruning,
                    measured: Double(missed) / Double(found.count), codesRead: try codesRead(pruning)))
        }
        return Calibration(
            rows: rows, probes: found.count,
            nearFrom: Float(cos(edge)) - 1e-4)
    }

    /// What every kind needs; half of what may be missed by lists, half by codes.
    private func limits(
        _ kinds: [[Finding]], missing loss: Double, _ deviation: Pruning, atLeast least: Pruning?
    ) -> Pruning {
        var limits = least ?? Pruning(code: 0.5, list: 1)
        for kind in kinds {
            let code = Needs(kind.map(\.code)).limit(missing: loss / 2, deviation: Double(deviation.code))
            let list = Needs(kind.map(\.list)).limit(missing: loss / 2, deviation: Double(deviation.list))
            limits = limits.wider(Pruning(code: code, list: list))
        }
        // What a tail does not foresee is seen.
        let found = kinds.joined()
        while limits.code < 100, Double(missed(found, limits)) > loss * Double(found.count) {
            limits = Pruning(code: limits.code + 0.05, list: limits.list + 0.05)
        }
        return limits
    }

    private func missed(_ found: some Sequence<Finding>, _ limits: Pruning) -> Int {
        found.count { $0.code > limits.code || $0.list > limits.list }
    }

    /// In radians, to a neighbour that is farther than nine in ten.
    private func angleToAFarNeighbour(_ similarities: [Float]) -> Double {
        acos(Double(min(1, max(-1, similarities.sorted()[similarities.count / 10]))))
    }

    private var neighbours: Kind {
        var kind = Kind()
        for row in picked(Self.neighbourCount) {
            kind.probes += sample[row]
            kind.besides.append(sample.ids[row])
        }
        return kind
    }

    private var mixtures: Kind {
        var random = SplitMix(seed: 20_260_102)
        var kind = Kind()
        for row in picked(Self.mixtureCount) {
            let other = Int(random.next() % UInt64(sample.count))
            let share = Double(random.next() % 1_024) / 1_024 * 0.9
            unsafe kind.append(of: sample) { rows, out in
                unsafe csk_mix_rows(rows, row, other, sample.dimension, share, out)
            }
        }
        return kind
    }

    /// References moved by an angle, in radians; by a right angle at most.
    private func moved(by angle: Double) -> Kind {
        var random = SplitMix(seed: 20_260_101)
        var kind = Kind()
        for row in picked(Self.movedEachTime) {
            let others = (0..<Self.mixed).map { _ in Int(random.next() % UInt64(sample.count)) }
            unsafe kind.append(of: sample) { rows, out in
                unsafe csk_move_row(
                    rows, row, others, others.count, sample.dimension, cos(min(angle, .pi / 2)), out)
            }
        }
        return kind
    }

    private func findings(_ kind: Kind, _ segment: Segment) throws(IndexError) -> [Finding] {
        let found = try measured(kind, segment, Self.wide)
        let isNearTheEdge = found.contains {
            $0.code > Self.nearlyWide.code || $0.list > Self.nearlyWide.list
        }
        return isNearTheEdge ? try measured(kind, segment, Self.everything) : found
    }

    /// At most so many rows of the sample, at equal distances.
    private func picked(_ wanted: Int) -> [Int] {
        let some = min(wanted, sample.count)
        return (0..<some).map { $0 * sample.count / some }
    }

    /// How sure a search must be for each probe's best answer, of those that a search with `pruning` finds.
    private func measured(
        _ kind: Kind, _ segment: Segment, _ pruning: Pruning
    ) throws(IndexError) -> [Finding] {
        let count = kind.besides.count
        let found = NeighbourTable(probes: count, k: Self.answers)
        let shares = max(1, min(threads, count / 8))
        let failure = Mutex<IndexError?>(nil)
        let needs = Mutex([Finding](repeating: Finding(), count: count))
        inParallel(shares) { share in
            let range = count * share / shares..<count * (share + 1) / shares
            do throws(IndexError) {
                try search(kind.probes, range, pruning, found)
                let own = try look(kind, range, segment, found)
                needs.withLock { needs in for (at, probe) in range.enumerated() { needs[probe] = own[at] } }
            } catch { failure.withLock { $0 = $0 ?? error } }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return needs.withLock { $0 }
    }

    private func search(
        _ probes: [Float], _ range: Range<Int>, _ pruning: Pruning, _ found: NeighbourTable
    ) throws(IndexError) {
        var work = csk_work()
        try unsafe probes.withUnsafeBufferPointer { buffer throws(IndexError) in
            guard let start = buffer.baseAddress else { return }
            for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.searchedAtOnce) {
                try unsafe index.run(
                    view, start + first * sample.dimension, min(Self.searchedAtOnce, range.upperBound - first),
                    Self.answers, pruning, nil, found.ids + first * Self.answers,
                    found.similarities + first * Self.answers, found.counts + first, &work, forgetting: true,
                    settlingTies: false)
            }
        }
    }

    private func look(
        _ kind: Kind, _ range: Range<Int>, _ segment: Segment, _ found: NeighbourTable
    ) throws(IndexError) -> [Finding] {
        let scratch = try unsafe index.scratches.take(view.view, count: Self.answers)
        defer { index.scratches.giveBack(scratch) }
        return range.map { probe in
            let answers = found.row(probe).filter { $0.id != kind.besides[probe] }
            guard let best = answers.first, let row = segment.row(of: best.id) else {
                return Finding()
            }
            var place = csk_place(part: 0, row: UInt32(row))
            var list = UInt32(segment.list(of: row))
            var seen = csk_view_of_row()
            unsafe kind.probes.withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                unsafe csk_look(
                    view.view, scratch.raw, start + probe * sample.dimension, &place, &list, 1, &seen)
            }
            return need(seen, answers)
        }
    }

    /// What is needed of the two rules, the easier one: to beat the best other answer, or the last.
    private func need(_ seen: csk_view_of_row, _ answers: [Neighbour]) -> Finding {
        // A search that has not what was asked for reads on in any case.
        guard answers.count >= Int(csk_least_needed) else { return Finding() }
        let second = answers[1].similarity
        let last = answers[answers.count - 1].similarity
        func needed(_ lacking: Float, _ deviation: Float) -> Float {
            deviation > 0 ? lacking / deviation : (lacking > 1e-5 ? .infinity : -.infinity)
        }
        func code(_ bar: Float) -> Float {
            needed(seen.shrink * (bar - seen.centre) - seen.estimate, seen.uncertainty)
        }
        func list(_ bar: Float) -> Float { needed(bar - seen.centre, seen.deviation) }
        return Finding(
            code: min(code(second), code(last) + Pruning.easeForLastCode),
            list: min(list(second), list(last) + Pruning.easeForLastList), similarity: answers[0].similarity)
    }

    /// The share of all codes that a search reads for a reference's nearest other one.
    private func codesRead(_ pruning: Pruning) throws(IndexError) -> Double {
        let rows = picked(32)
        let probes = rows.flatMap { sample[$0] }
        let found = NeighbourTable(probes: rows.count, k: Self.answers)
        var work = csk_work()
        try unsafe probes.withUnsafeBufferPointer { buffer throws(IndexError) in
            guard let start = buffer.baseAddress else { return }
            try unsafe index.run(
                view, start, rows.count, Self.answers, pruning, nil, found.ids, found.similarities,
                found.counts,
                &work, forgetting: true, settlingTies: false)
        }
        return Double(work.codes + work.bytes) / Double(max(1, rows.count * view.state.listedCount))
    }
}

extension Calibrator.Kind {
    /// Adds a probe that is made of the rows of a sample.
    fileprivate mutating func append(
        of sample: SampledRows, _ make: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) {
        var probe = [Float](repeating: 0, count: sample.dimension)
        unsafe sample.floats.withUnsafeBufferPointer { floats in
            guard let from = floats.baseAddress else { return }
            unsafe make(from, &probe)
        }
        probes += probe
        besides.append(-1)
    }
}

/// Some vectors of an index, copied.
struct SampledRows: Sendable {
    let dimension: Int
    private(set) var ids: [Int64] = []
    private(set) var floats: [Float] = []

    init(dimension: Int, capacity: Int) {
        self.dimension = dimension
        ids.reserveCapacity(capacity)
        floats.reserveCapacity(capacity * dimension)
    }

    var count: Int { ids.count }

    mutating func append(id: Int64, floats row: UnsafePointer<Float>) {
        ids.append(id)
        unsafe floats.append(contentsOf: UnsafeBufferPointer(start: row, count: dimension))
    }

    /// At most so many rows, at equal distances.
    func thinned(to most: Int) -> SampledRows {
        guard count > most else { return self }
        var fewer = SampledRows(dimension: dimension, capacity: most)
        for row in 0..<most {
            fewer.ids.append(ids[row * count / most])
            fewer.floats += self[row * count / most]
        }
        return fewer
    }

    /// The floats of one row.
    subscript(row: Int) -> ArraySlice<Float> { floats[row * dimension..<(row + 1) * dimension] }
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
