public import Concurrency

/// An index at one moment: several searches of it see the same vectors, whatever is added or removed meanwhile.
///
/// Takes no memory of its own, but keeps what the index had at that moment. Safe from any thread.
public struct IndexMoment: Sendable {
    private let index: VectorIndex
    private let view: SearchView

    init(_ index: VectorIndex) {
        self.index = index
        view = index.view
    }

    /// How far the index had followed its store.
    public var position: IndexPosition { view.state.position }

    /// Vectors that can be found.
    public var count: Int { view.state.count }

    /// As `VectorIndex.search(probes:k:mode:threads:cancellation:)`, with the vectors of `source` in the place of those
    /// of the index's own source.
    ///
    /// A source that stands still together with the moment makes all answers those of one state.
    public func search(
        probes: [Float], k: Int, mode: IndexSearchMode, threads: Int = 1, cancellation: Cancellation? = nil,
        source: any VectorSource
    ) throws(IndexError) -> [[Neighbour]] {
        try index.search(
            view, source, probes: probes, k: k, mode: mode, threads: threads, cancellation: cancellation)
    }
}

extension VectorIndex {
    /// The index as it is now.
    ///
    /// O(1).
    public var moment: IndexMoment { IndexMoment(self) }
}
