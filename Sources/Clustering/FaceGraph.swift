internal import Synchronization
internal import VectorIndex

/// Templates and, for each, the ones most like it: all that groups are made from.
///
/// Equal templates are one row. Rows can be added at any time; only they are compared then, and the groups are those
/// that a comparison of everything from the beginning would give, whatever the order in which templates came. Not for
/// use from two threads at once, as any value.
public struct FaceGraph: Sendable {
    /// Neighbours that are kept of a row.
    public static let mostNeighbours = 64

    /// Numbers in a template.
    public let dimension: Int
    /// Cosine, 0…1: from this similarity on, two single faces are put together.
    public let minSimilarity: Double
    /// The different templates one after the other, in the order in which they came.
    public private(set) var templates: [Float] = []
    /// How many rows are compared with each other: the first ones.
    public private(set) var comparedRows = 0
    var lists = NeighbourLists(most: mostNeighbours)
    private var rowsByHash: [Int: [Int32]] = [:]

    /// How many different templates there are.
    public var rows: Int { dimension > 0 ? templates.count / dimension : 0 }

    /// Rows that are less alike than this are no neighbours.
    ///
    /// It is a little below `minSimilarity`, because two groups can be alike though their nearest two faces are not
    /// quite: an eighth of the way from `minSimilarity` towards a cosine of 1, in the other direction. So the
    /// distance grows with the network's scale.
    public var leastNeighbour: Float { Float(max(0, minSimilarity - (1 - minSimilarity) / 8)) }

    /// A graph without faces.
    ///
    /// - Throws: `badSimilarity`, `wrongDimension`.
    public init(dimension: Int, minSimilarity: Double) throws(ClusteringError) {
        guard dimension > 0 else { throw .wrongDimension(numbers: 0, dimension: dimension) }
        guard (0...1).contains(minSimilarity) else { throw .badSimilarity(minSimilarity) }
        (self.dimension, self.minSimilarity) = (dimension, minSimilarity)
    }

    /// A graph that was stored before.
    init(
        dimension: Int, minSimilarity: Double, templates: [Float], lists: NeighbourLists
    ) throws(ClusteringError) {
        try self.init(dimension: dimension, minSimilarity: minSimilarity)
        _ = try add(templates)
        guard rows * dimension == templates.count else { throw .damaged("a template is there twice") }
        guard lists.lists.count <= rows else { throw .damaged("more lists than templates") }
        for (row, list) in lists.lists.enumerated() {
            let good = list.allSatisfy {
                (0..<lists.lists.count).contains(Int($0.row)) && Int($0.row) != row
                    && (-1.01...1.01).contains($0.similarity)
            }
            guard good, list.count <= Self.mostNeighbours else { throw .damaged("row \(row)") }
        }
        (self.lists, comparedRows) = (lists, lists.lists.count)
    }

    /// Adds templates, to be compared with the next `compare`.
    ///
    /// - Parameter templates: one after the other, each of length 1 within 0.001.
    /// - Returns: the row of each; that of an equal one where there is one.
    /// - Throws: `wrongDimension`, `badTemplate`, `tooMany`; nothing is added then.
    /// - Complexity: O(templates · dimension).
    @discardableResult
    public mutating func add(_ added: [Float]) throws(ClusteringError) -> [Int] {
        guard added.count % dimension == 0 else {
            throw .wrongDimension(numbers: added.count, dimension: dimension)
        }
        let count = added.count / dimension
        guard rows + count < Int(Int32.max) else { throw .tooMany(rows + count) }
        for item in 0..<count {
            let square = added[item * dimension..<(item + 1) * dimension].reduce(0.0) {
                $0 + Double($1) * Double($1)
            }
            guard square.isFinite, abs(square.squareRoot() - 1) <= 2e-3 else { throw .badTemplate(item: item) }
        }
        return (0..<count).map { item in row(of: added[item * dimension..<(item + 1) * dimension]) }
    }

    private mutating func row(of template: ArraySlice<Float>) -> Int {
        var hasher = Hasher()
        for number in template { hasher.combine(number.bitPattern) }
        let hash = hasher.finalize()
        for row in rowsByHash[hash] ?? [] {
            let start = Int(row) * dimension
            if zip(templates[start..<start + dimension], template).allSatisfy({ $0.bitPattern == $1.bitPattern }
            ) {
                return Int(row)
            }
        }
        rowsByHash[hash, default: []].append(Int32(rows))
        templates += template
        return rows - 1
    }

    /// Where each row stands when all are sorted by their numbers: an order that does not depend on how they came.
    ///
    /// O(rows · log rows).
    var ranks: [Int32] {
        let bits = templates.map(\.bitPattern)
        let dimension = dimension
        let sorted = (0..<rows).sorted { one, other in
            bits[one * dimension..<(one + 1) * dimension]
                .lexicographicallyPrecedes(bits[other * dimension..<(other + 1) * dimension])
        }
        var ranks = [Int32](repeating: 0, count: rows)
        for (rank, row) in sorted.enumerated() { ranks[row] = Int32(rank) }
        return ranks
    }

    /// Compares what was added with everything.
    ///
    /// - Parameters:
    ///   - threads: threads that compare, 1 or more.
    ///   - progress: is told the share that is done, from one thread at a time.
    ///   - goesOn: whether to go on; asked by every thread.
    /// - Throws: `cancelled`, `index`; what was compared before stays then.
    /// - Complexity: O(rows · added · dimension); memory: 2 bytes per number, and 512 bytes per row.
    public mutating func compare(
        threads: Int, progress: @escaping @Sendable (Double) -> Void = { _ in },
        goesOn: @escaping @Sendable () -> Bool = { true }
    ) throws(ClusteringError) {
        guard comparedRows < rows else { return }
        let ranks = ranks
        var grown = lists
        grown.grow(to: rows)
        let least = leastNeighbour
        var request = PairScan.Request(threads: threads) { least }
        (request.progress, request.goesOn, request.firstNew) = (progress, goesOn, comparedRows)
        lists = try Self.neighbours(
            templates, rows: rows, dimension: dimension, ranks: ranks, into: grown, request)
        comparedRows = rows
    }

    /// Adds the pairs of a scan to lists.
    static func neighbours(
        _ vectors: [Float], rows: Int, dimension: Int, ranks: [Int32], into lists: NeighbourLists,
        _ request: PairScan.Request
    ) throws(ClusteringError) -> NeighbourLists {
        let found = Mutex(lists)
        var request = request
        request.take = { pairs in
            found.withLock { found in
                for pair in pairs {
                    let (first, second) = (Int32(pair.first), Int32(pair.second))
                    found.take(.init(row: second, similarity: pair.similarity), of: pair.first, rank: ranks)
                    found.take(.init(row: first, similarity: pair.similarity), of: pair.second, rank: ranks)
                }
            }
        }
        do throws(IndexError) {
            try unsafe vectors.withUnsafeBufferPointer { buffer throws(IndexError) in
                let pointers = unsafe (0..<rows).compactMap { row in
                    unsafe buffer.baseAddress.map { unsafe $0 + row * dimension }
                }
                let lent = unsafe LentVectors(pointers, dimension: dimension)
                try PairScan(lent, groups: (0..<UInt32(rows)).map(\.self)).run(request)
            }
        } catch .cancelled { throw .cancelled } catch { throw .index(error) }
        return found.withLock { $0 }
    }
}
