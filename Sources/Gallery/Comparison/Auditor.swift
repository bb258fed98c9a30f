import GalleryModel
import Synchronization
import VectorIndex

/// One audit of one state of a storage.
struct Auditor {
    private let state: ComparedTemplates
    private var findings: [AuditFinding] = []

    private static let meanDeviations: Float = 6
    private static let ownDeviations: Float = 4
    /// Hubs that are counted subject by subject; the others are counted by references.
    private static let mostHubsCounted = 1_000

    init(_ state: ComparedTemplates) { self.state = state }

    /// Looks for references that look like nobody's or everybody's, or like others than their subject.
    mutating func report(_ search: AuditSearch) throws -> AuditReport {
        try compareWithMean()
        try compareWithOwn()
        if let least = search.minSimilarity {
            try countLikenesses(from: Cosine.leastSum(reaching: least), search)
        }
        return AuditReport(findings: findings, references: state.ids.count)
    }

    /// The cosine of every reference with the mean of all.
    private mutating func compareWithMean() throws {
        var mean = state.vectors.mean
        // Without a direction, no reference is nearer to it than others.
        guard (try? UnitVector.normalise(&mean)) != nil else { return }
        let products = try state.vectors.products(with: mean)
        guard let spread = RobustSpread(products) else { return }
        let highest = spread.median + Self.meanDeviations * spread.deviation
        let lowest = spread.median - Self.meanDeviations * spread.deviation
        let rows = products.indices.sorted { products[$0] > products[$1] }
        for row in rows.prefix(while: { products[$0] > highest }) {
            try add(.likeEverybody, row, Double(products[row]), limit: Double(highest))
        }
        for row in rows.reversed().prefix(while: { products[$0] < lowest }) {
            try add(.likeNobody, row, Double(products[row]), limit: Double(lowest))
        }
    }

    /// The best cosine of every reference with another of its subject.
    private mutating func compareWithOwn() throws {
        // Rows by subject, without an array a subject.
        let rows = state.groups.indices.sorted { (state.groups[$0], $0) < (state.groups[$1], $1) }
        var (alike, compared): ([Float], [Int]) = ([], [])
        var first = 0
        while first < rows.count {
            var end = first + 1
            while end < rows.count, state.groups[rows[end]] == state.groups[rows[first]] { end += 1 }
            if end - first > 1 {
                for row in rows[first..<end] {
                    var best: Float = -1
                    for other in rows[first..<end] where other != row {
                        best = max(best, try state.vectors.similarity(row, other))
                    }
                    alike.append(best)
                    compared.append(row)
                }
            }
            first = end
        }
        guard let spread = RobustSpread(alike) else { return }
        let lowest = spread.median - Self.ownDeviations * spread.deviation
        for place in alike.indices.sorted(by: { alike[$0] < alike[$1] }).prefix(while: { alike[$0] < lowest }) {
            try add(.farFromOwn, compared[place], Double(alike[place]), limit: Double(lowest))
        }
    }

    /// How many other subjects every reference looks like.
    private mutating func countLikenesses(from least: Float, _ search: AuditSearch) throws {
        let counts = Mutex([UInt32](repeating: 0, count: state.ids.count))
        var request = PairScan.Request(threads: search.threads) { least }
        request.take = { pairs in
            counts.withLock { counts in
                for pair in pairs {
                    counts[pair.first] += 1
                    counts[pair.second] += 1
                }
            }
        }
        request.progress = search.progress
        try state.scan(request, until: search.cancellation)
        let likenesses = counts.withLock { $0 }
        let average = Double(likenesses.reduce(0) { $0 + Int($1) }) / Double(max(1, likenesses.count))
        let most = search.mostLikenesses ?? max(10, Int((10 * average).rounded(.up)))
        let suspects = likenesses.indices.filter { Int(likenesses[$0]) > most }
            .sorted { likenesses[$0] > likenesses[$1] }
        var hubs: [(row: Int, subjects: Int)] = []
        for (number, row) in suspects.enumerated() {
            let subjects =
                number < Self.mostHubsCounted ? try subjectsAlike(row, from: least) : Int(likenesses[row])
            if subjects > most { hubs.append((row, subjects)) }
        }
        for hub in hubs.sorted(by: { $0.subjects > $1.subjects }) {
            try add(.hub, hub.row, Double(hub.subjects), limit: Double(most))
        }
    }

    private func subjectsAlike(_ row: Int, from least: Float) throws -> Int {
        let own = unsafe Array(UnsafeBufferPointer(start: state.vectors[row], count: state.vectors.dimension))
        var groups: Set<UInt32> = []
        for (other, product) in try state.vectors.products(with: own).enumerated() where product >= least {
            if state.groups[other] != state.groups[row] { groups.insert(state.groups[other]) }
        }
        return groups.count
    }

    private mutating func add(
        _ reason: AuditFinding.Reason, _ row: Int, _ value: Double, limit: Double
    ) throws(StoreError) {
        let (subject, reference) = try state.reference(row)
        findings.append(
            AuditFinding(
                reason: reason, subject: subject, reference: reference.id, source: reference.source,
                value: value, limit: limit))
    }
}
