import CSearchKernels
import Synchronization
import Testing
import VectorIndex

@Suite("A scan of all pairs") struct PairScanTests {
    /// Vectors that stay where they are for as long as the test needs them.
    @safe final class Rows {
        let memory: UnsafeMutablePointer<Float>
        let vectors: LentVectors
        let groups: [UInt32]

        init(_ rows: [Float], dimension: Int, perGroup: Int) {
            let count = rows.count / dimension
            unsafe memory = .allocate(capacity: max(1, rows.count))
            unsafe memory.initialize(from: rows, count: rows.count)
            let start = unsafe UnsafePointer(memory)
            vectors = unsafe LentVectors(
                (0..<count).map { unsafe start + $0 * dimension }, dimension: dimension)
            groups = (0..<count).map { UInt32($0 / perGroup) }
        }

        deinit { unsafe memory.deallocate() }

        /// Every pair of groups whose best pair of rows reaches a similarity, by comparing everything.
        func bruteForce(from least: Float) -> [RowPair] {
            guard let kernel = unsafe csk_kernel_named("portable") else { return [] }
            var best: [[UInt32]: RowPair] = [:]
            for second in 0..<vectors.count {
                for first in 0..<second where groups[first] != groups[second] {
                    var similarity: Float = 0
                    unsafe kernel.pointee.rows(
                        vectors[first], vectors[second], 1, vectors.dimension, &similarity)
                    guard similarity >= least else { continue }
                    let key = [groups[first], groups[second]].sorted()
                    if let known = best[key], known.similarity >= similarity { continue }
                    best[key] = RowPair(first: first, second: second, similarity: similarity)
                }
            }
            return Self.sorted(Array(best.values))
        }

        static func sorted(_ pairs: [RowPair]) -> [RowPair] {
            pairs.sorted {
                $0.similarity != $1.similarity
                    ? $0.similarity > $1.similarity : ($0.first, $0.second) < ($1.first, $1.second)
            }
        }

        func scan(from least: Float, limit: Int, threads: Int = 2) throws -> (pairs: [RowPair], isCut: Bool) {
            let best = BestPairs(groups: groups, from: least, limit: limit)
            var request = PairScan.Request(threads: threads) { best.least }
            request.take = { best.take($0) }
            try PairScan(vectors, groups: groups).run(request)
            return best.finish()
        }
    }

    /// Rows in clusters; with `cone`, all turned towards one direction, as some networks' templates are.
    static func rows(_ count: Int, dimension: Int, cone: Float = 0, perGroup: Int = 2) -> Rows {
        var vectors = SyntheticVectors(seed: UInt64(count + dimension))
        var rows = vectors.rows(count, dimension: dimension, centres: max(1, count / 8), spread: 0.6)
        for row in 0..<count {
            var square: Float = 0
            for place in row * dimension..<(row + 1) * dimension {
                rows[place] += cone / Float(dimension).squareRoot()
                square += rows[place] * rows[place]
            }
            for place in row * dimension..<(row + 1) * dimension { rows[place] /= square.squareRoot() }
        }
        return Rows(rows, dimension: dimension, perGroup: perGroup)
    }

    @Test(
        "finds what comparing everything finds, pair for pair and bit for bit",
        arguments: [(700, 128, 0), (1_000, 24, 0), (900, 128, 3), (1_600, 16, 1), (17, 20, 0), (1, 16, 0)]
            as [(
                Int, Int, Float
            )])
    func bruteForce(count: Int, dimension: Int, cone: Float) throws {
        let rows = Self.rows(count, dimension: dimension, cone: cone)
        let all = rows.bruteForce(from: -1)
        for rank in [0, all.count / 1_000, all.count / 20, all.count - 1] where all.indices.contains(rank) {
            let least = all[rank].similarity
            let wanted = rows.bruteForce(from: least)
            let (found, isCut) = try rows.scan(from: least, limit: 1_000_000)
            #expect(found == wanted)
            #expect(!isCut)
        }
    }

    @Test("loses nothing to rows of other kinds: a single number, one and the same, all in one place")
    func oddRows() throws {
        let dimension = 32
        var vectors = SyntheticVectors(seed: 3)
        var numbers = vectors.rows(400, dimension: dimension, centres: 50, spread: 0.5)
        // Beyond the bytes' reach, should the sample have passed it over.
        for row in [7, 133, 250] {
            for number in 0..<dimension { numbers[row * dimension + number] = number == row % 3 ? 1 : 0 }
        }
        for row in [20, 310] { numbers.replaceSubrange(row * 32..<(row + 1) * 32, with: numbers[..<32]) }
        let rows = Rows(numbers, dimension: dimension, perGroup: 1)
        for least in [Float(0.2), 0.9, 0.99999] {
            #expect(try rows.scan(from: least, limit: 100_000).pairs == rows.bruteForce(from: least))
        }
        let one = Rows(
            (0..<60).flatMap { _ in numbers[..<dimension] }, dimension: dimension, perGroup: 3)
        #expect(try one.scan(from: 0.999, limit: 1_000).pairs.count == 20 * 19 / 2)
    }

    @Test("loses no pair to what rounding takes from one of its rows, the earlier or the later one")
    func rounding() throws {
        let dimension = 16
        // The mean is 0 and a byte's step 1/127: the first number of one row is whole steps, of the other nearly half
        // a step more.
        let whole: [Float] = [1] + [Float](repeating: 0, count: dimension - 1)
        let first = Float(63.49 / 127)
        let rounded: [Float] = [first, (1 - first * first).squareRoot()] + whole.dropFirst(2)
        for pair in [[whole, rounded], [rounded, whole]] {
            let numbers = pair[0] + pair[1]
            let rows = Rows(numbers + numbers.map { -$0 }, dimension: dimension, perGroup: 1)
            let wanted = rows.bruteForce(from: 0.498)
            #expect(wanted.count == 2)
            #expect(try rows.scan(from: 0.498, limit: 100).pairs == wanted)
        }
    }

    @Test(
        "keeps the best where there are more than the limit, and says that there are", arguments: [1, 2, 100])
    func limit(limit: Int) throws {
        let rows = Self.rows(1_200, dimension: 64)
        let all = rows.bruteForce(from: 0.1)
        #expect(all.count > 10_000)
        let (found, isCut) = try rows.scan(from: 0.1, limit: limit)
        #expect(found == Array(all.prefix(limit)))
        #expect(isCut)
        let exact = try rows.scan(from: all[limit - 1].similarity, limit: limit)
        #expect(exact.pairs == Array(all.prefix(limit)))
        #expect(!exact.isCut)
    }

    @Test("tells how far it is up to the whole, and stops when told")
    func progress() throws {
        let rows = Self.rows(2_000, dimension: 16)
        let told = Mutex<[Double]>([])
        var request = PairScan.Request(threads: 2) { 2 }
        request.progress = { share in told.withLock { $0.append(share) } }
        try PairScan(rows.vectors, groups: rows.groups).run(request)
        let shares = told.withLock { $0 }
        #expect(shares == shares.sorted() && shares.last.map { abs($0 - 1) < 1e-9 } == true)
        request.goesOn = { false }
        #expect(throws: IndexError.cancelled) { try PairScan(rows.vectors, groups: rows.groups).run(request) }
        request.threads = 0
        #expect(throws: IndexError.badThreads(0)) {
            try PairScan(rows.vectors, groups: rows.groups).run(request)
        }
    }
}
