/// One consistent state of an index: what a search sees from its first to its last comparison.
struct Snapshot: Sendable {
    var tail: Tail
    var position = IndexPosition(highestID: 0, removals: 0)

    /// Vectors that are answers.
    var count: Int { tail.liveCount }
}
