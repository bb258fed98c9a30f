internal import Synchronization

/// Keeps the best pair of rows of every two groups, and of those the best `limit`.
///
/// Memory: about 5 · `limit` pairs, however many come. Safe from any thread.
public final class BestPairs: Sendable {
    private struct Entry {
        /// The two groups, the lower first.
        let groups: UInt64
        let pair: RowPair

        /// Whether it is to be told before another.
        func isBetter(than other: Entry) -> Bool {
            if pair.similarity != other.pair.similarity { return pair.similarity > other.pair.similarity }
            return (pair.first, pair.second) < (other.pair.first, other.pair.second)
        }
    }

    private struct State {
        var entries: [Entry] = []
        var least: Float
        var isCut = false
    }

    private let groups: [UInt32]
    private let limit: Int
    private let capacity: Int
    private let state: Mutex<State>

    /// Keeps pairs from a similarity on.
    ///
    /// - Parameters:
    ///   - groups: of each row.
    ///   - limit: 1 or more.
    public init(groups: [UInt32], from similarity: Float, limit: Int) {
        precondition(limit >= 1, "at least one pair is kept")
        self.groups = groups
        self.limit = limit
        capacity = 4 * limit + 1 << 16
        state = Mutex(State(least: similarity))
    }

    /// The similarity below which no pair can be among the best any more.
    public var least: Float { state.withLock { $0.least } }

    /// Takes some pairs.
    public func take(_ pairs: [RowPair]) {
        state.withLock { state in
            for pair in pairs where pair.similarity >= state.least {
                let (one, other) = (groups[pair.first], groups[pair.second])
                let key = UInt64(min(one, other)) << 32 | UInt64(max(one, other))
                state.entries.append(Entry(groups: key, pair: pair))
                if state.entries.count >= capacity { reduce(&state) }
            }
        }
    }

    /// What was kept, best first, and whether a pair that reached the similarity was left out for the limit.
    public func finish() -> (pairs: [RowPair], isCut: Bool) {
        state.withLock { state in
            reduce(&state)
            return (state.entries.map(\.pair), state.isCut)
        }
    }

    private func reduce(_ state: inout State) {
        var entries = state.entries
        entries.sort { $0.groups != $1.groups ? $0.groups < $1.groups : $0.isBetter(than: $1) }
        var kept: [Entry] = []
        for entry in entries where entry.groups != kept.last?.groups { kept.append(entry) }
        kept.sort { $0.isBetter(than: $1) }
        if kept.count > limit {
            kept.removeLast(kept.count - limit)
            state.isCut = true
            // Only what is at least as good as the last of them can take a place.
            if let last = kept.last { state.least = max(state.least, last.pair.similarity) }
        }
        state.entries = kept
    }
}
