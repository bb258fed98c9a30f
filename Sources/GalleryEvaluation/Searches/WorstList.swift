/// The searches with the highest keys, at most so many.
struct WorstList: Sendable {
    struct Entry: Sendable {
        let key: Float
        let search: WorstSearch
        /// Whether the probe's own subject was first: then it is a miss only above its similarity.
        let isFirst: Bool
    }

    private let limit: Int
    private(set) var entries: [Entry] = []

    init(limit: Int) { self.limit = limit }

    /// Whether a search with this key would be kept.
    func takes(_ key: Float) -> Bool {
        limit > 0 && (entries.count < limit || (entries.last.map { key > $0.key } ?? true))
    }

    mutating func add(_ entry: Entry) {
        guard takes(entry.key) else { return }
        let place = entries.firstIndex { $0.key < entry.key } ?? entries.endIndex
        entries.insert(entry, at: place)
        if entries.count > limit { entries.removeLast() }
    }
}
