/// What error rates need of searches: a few numbers for each, however large the gallery is.
///
/// Memory: 24 bytes a search. To be filled by one thread.
public struct IdentificationScores: Sendable {
    /// A search, without anything that no rate needs.
    struct Search: Sendable {
        /// The best similarity of a non-mated search; of a mated one that of rank one if it is the right subject; else −∞.
        var score: Float
        /// Of the person, from 0 in the order of appearance; people of mated and non-mated searches apart.
        var person: Int32
        /// Rank of the own subject; 0 where it is not in the answer.
        var rank: Int32
        /// Group of the person, and of the subject at rank one; −1 for none.
        var group: Int16
        var candidateGroup: Int16
    }

    private(set) var mated: [Search] = []
    private(set) var nonMated: [Search] = []
    private(set) var matedPeople = 0
    private(set) var nonMatedPeople = 0
    private var matedNumbers: [Int: Int32] = [:]
    private var nonMatedNumbers: [Int: Int32] = [:]
    /// Mated searches whose probe gave no template.
    public private(set) var matedNotAcquired = 0
    /// Non-mated searches whose probe gave no template.
    public private(set) var nonMatedNotAcquired = 0

    /// No search yet.
    public init() {}

    /// Searches of some outcomes.
    ///
    /// - Throws: as `add`.
    public init(_ outcomes: some Sequence<SearchOutcome>) throws(EvaluationError) {
        for outcome in outcomes { try add(outcome) }
    }

    /// Mated searches, those without a template among them.
    public var matedCount: Int { mated.count }
    /// Non-mated searches, those without a template among them.
    public var nonMatedCount: Int { nonMated.count }

    /// Takes a search.
    ///
    /// - Parameters:
    ///   - group: number of the group of the person, from 0.
    ///   - candidateGroup: number of the group of the subject at rank one.
    /// - Throws: `notANumber`, `rankOutOfRange`.
    public mutating func add(
        _ outcome: SearchOutcome, group: Int? = nil, candidateGroup: Int? = nil
    ) throws(EvaluationError) {
        if outcome.topSimilarity?.isNaN == true { throw .notANumber }
        if let rank = outcome.mateRank, !(1...Int(Int32.max)).contains(rank) {
            throw .rankOutOfRange(rank, most: Int(Int32.max))
        }
        let groups = (Int16(group ?? -1), Int16(candidateGroup ?? -1))
        if outcome.isMated {
            if !outcome.isAcquired { matedNotAcquired += 1 }
            let isFirst = outcome.mateRank == 1
            mated.append(
                Search(
                    score: isFirst ? outcome.topSimilarity ?? -.infinity : -.infinity,
                    person: Self.number(outcome.person, in: &matedNumbers, &matedPeople),
                    rank: Int32(outcome.mateRank ?? 0), group: groups.0, candidateGroup: groups.1))
        } else {
            if !outcome.isAcquired { nonMatedNotAcquired += 1 }
            nonMated.append(
                Search(
                    score: outcome.topSimilarity ?? -.infinity,
                    person: Self.number(outcome.person, in: &nonMatedNumbers, &nonMatedPeople), rank: 0,
                    group: groups.0, candidateGroup: groups.1))
        }
    }

    private static func number(_ person: Int?, in known: inout [Int: Int32], _ count: inout Int) -> Int32 {
        if let person, let number = known[person] { return number }
        let number = Int32(count)
        count += 1
        if let person { known[person] = number }
        return number
    }
}
