internal import VectorIndex

/// Puts the two most similar groups together, again and again, until no two are similar enough.
///
/// Only groups with neighbours in each other are candidates. A face that had more neighbours than are kept may hide
/// some, so groups with such faces are compared with each other once more at the end.
struct Agglomeration {
    private let minSimilarity: Double
    private let dimension: Int
    private var vectors: GroupVectors
    private var parents: [Int32]
    private var versions: [Int32]
    private var neighbours: [[Int32]]
    /// Whether a face of the group had more neighbours than are kept.
    private var hidesSome: [Bool]
    private var queue = MergeQueue()
    private var seen: [Int32]
    private var look: Int32 = 0

    /// - Parameters:
    ///   - weights: how many faces each row of the graph stands for; 0 leaves the row out.
    init(_ graph: FaceGraph, weights: [Int]) {
        // Groups are numbered by rank, so that nothing depends on the order of rows.
        let ranks = graph.ranks
        var rowsByRank = [Int](repeating: 0, count: graph.rows)
        for (row, rank) in ranks.enumerated() { rowsByRank[Int(rank)] = row }
        let dimension = graph.dimension
        var templates: [Float] = []
        templates.reserveCapacity(graph.templates.count)
        for row in rowsByRank { templates += graph.templates[row * dimension..<(row + 1) * dimension] }
        let sizes = rowsByRank.map { weights[$0] }
        vectors = GroupVectors(templates: templates, dimension: dimension, weights: sizes)
        (self.dimension, minSimilarity) = (dimension, graph.minSimilarity)
        parents = (0..<Int32(graph.rows)).map(\.self)
        versions = Array(repeating: 0, count: graph.rows)
        seen = Array(repeating: -1, count: graph.rows)
        neighbours = Array(repeating: [], count: graph.rows)
        hidesSome = rowsByRank.map { graph.lists.isFull[$0] && weights[$0] > 0 }
        for (row, list) in graph.lists.lists.enumerated() where weights[row] > 0 {
            for neighbour in list where weights[Int(neighbour.row)] > 0 {
                let (one, other) = (ranks[row], ranks[Int(neighbour.row)])
                neighbours[Int(one)].append(other)
                neighbours[Int(other)].append(one)
            }
        }
    }

    /// Carries it out.
    ///
    /// - Returns: the group of each rank, which is the lowest rank in it.
    /// - Throws: `cancelled`, `index`.
    mutating func run(threads: Int, goesOn: @escaping @Sendable () -> Bool) throws(ClusteringError) -> [Int32] {
        for group in parents.indices { note(group, onlyLater: true) }
        try mergeAll(goesOn)
        while try noteHidden(threads: threads, goesOn) { try mergeAll(goesOn) }
        return parents.indices.map { Int32(root(Int32($0))) }
    }

    private mutating func mergeAll(_ goesOn: () -> Bool) throws(ClusteringError) {
        while let merge = queue.next() {
            guard isCurrent(merge) else { continue }
            guard goesOn() else { throw .cancelled }
            let (one, other) = (Int(merge.first), Int(merge.second))
            vectors.merge(other, into: one)
            parents[other] = merge.first
            versions[one] += 1
            versions[other] += 1
            hidesSome[one] = hidesSome[one] || hidesSome[other]
            if neighbours[one].count < neighbours[other].count { neighbours.swapAt(one, other) }
            neighbours[one] += neighbours[other]
            neighbours[other] = []
            note(one, onlyLater: false)
        }
    }

    private func isCurrent(_ merge: Merge) -> Bool {
        versions[Int(merge.first)] == merge.firstVersion && versions[Int(merge.second)] == merge.secondVersion
    }

    /// Notes the merges that a group may take part in now, and forgets double neighbours.
    private mutating func note(_ group: Int, onlyLater: Bool) {
        look += 1
        seen[group] = look
        var kept: [Int32] = []
        kept.reserveCapacity(neighbours[group].count)
        for neighbour in neighbours[group] {
            let other = root(neighbour)
            guard seen[other] != look else { continue }
            seen[other] = look
            kept.append(Int32(other))
            if !onlyLater || other > group { note(group, other) }
        }
        neighbours[group] = kept
    }

    /// - Returns: whether they are similar enough.
    @discardableResult
    private mutating func note(_ one: Int, _ other: Int) -> Bool {
        let likeness = vectors.likeness(one, other)
        guard likeness >= minSimilarity else { return false }
        let (first, second) = (min(one, other), max(one, other))
        let merge = Merge(
            likeness: likeness, first: Int32(first), second: Int32(second), firstVersion: versions[first],
            secondVersion: versions[second])
        let versions = versions
        queue.add(merge) {
            versions[Int($0.first)] == $0.firstVersion && versions[Int($0.second)] == $0.secondVersion
        }
        return true
    }

    private mutating func root(_ group: Int32) -> Int {
        var root = Int(group)
        while parents[root] != root { root = Int(parents[root]) }
        // What was passed leads straight there from now on.
        var place = Int(group)
        while parents[place] != root { (parents[place], place) = (Int32(root), Int(parents[place])) }
        return root
    }

    /// Compares the groups that may hide neighbours with each other.
    ///
    /// The cosine of two groups' sums is never below their likeness, so those with less need not be looked at.
    /// - Returns: whether two are to be merged.
    private mutating func noteHidden(
        threads: Int, _ goesOn: @escaping @Sendable () -> Bool
    ) throws(ClusteringError) -> Bool {
        let groups = parents.indices.filter { Int(parents[$0]) == $0 && hidesSome[$0] }
        guard groups.count > 1 else { return false }
        let least = Float(minSimilarity) - 1e-4
        var request = PairScan.Request(threads: threads) { least }
        request.goesOn = goesOn
        let found = try FaceGraph.neighbours(
            groups.flatMap { vectors.direction($0) }, rows: groups.count, dimension: dimension,
            ranks: groups.indices.map(Int32.init),
            into: NeighbourLists(most: FaceGraph.mostNeighbours, rows: groups.count), request)
        var hasMerges = false
        for (place, list) in found.lists.enumerated() {
            for neighbour in list {
                let (one, other) = (groups[place], groups[Int(neighbour.row)])
                guard note(one, other) else { continue }
                neighbours[one].append(Int32(other))
                neighbours[other].append(Int32(one))
                hasMerges = true
            }
        }
        return hasMerges
    }
}
