internal import CSearchKernels
internal import Synchronization

/// Nearest neighbours of unit vectors by inner product.
///
/// Knows vectors and 64-bit ids, nothing else.
///
/// Up to about 20,000 vectors everything is compared. Above, an immutable base of inverted lists holds most
/// of them, a tail the additions since, and removed rows are passed over until the next rebuild.
///
/// **Threads.** All members may be called from many threads. A search sees one state from beginning to end
/// and never waits for an addition, a removal, a rebuild or a save; additions and removals are carried out
/// one after the other.
public final class VectorIndex: Sendable {
    /// The most neighbours one search may ask for.
    public static let mostNeighbours = 10_000

    /// Numbers in a vector.
    public let dimension: Int

    let kernel: Kernel

    /// The state that searches take; held only to copy or replace it.
    private let current: Mutex<Snapshot>

    /// Held while the next state is made.
    private let writer = Mutex(())

    /// Held through a rebuild or a save, which must not meet.
    let maintenance = Mutex(())

    /// An empty index for vectors of `dimension` numbers, 1…65,536.
    ///
    /// Throws `badDimension`, or `unknownKernel` if the environment asks for loops this machine cannot run.
    public convenience init(dimension: Int) throws(IndexError) {
        guard (1...65_536).contains(dimension) else { throw .badDimension(dimension) }
        try self.init(dimension: dimension, snapshot: Snapshot(tail: Tail(dimension: dimension)))
    }

    init(dimension: Int, snapshot: Snapshot) throws(IndexError) {
        self.dimension = dimension
        kernel = try Kernel.chosen()
        current = Mutex(snapshot)
    }

    /// Vectors that can be found.
    ///
    /// O(1).
    public var count: Int { snapshot.count }

    /// How far the index has followed its store.
    ///
    /// `add` raises `highestID`; `removals` is told by `advance(to:)`, as only the store can count them.
    public var position: IndexPosition { snapshot.position }

    /// The state of this moment.
    var snapshot: Snapshot { current.withLock { $0 } }

    /// Makes the next state from the present one, alone among writers.
    func update<Result>(_ body: (inout Snapshot) throws(IndexError) -> Result) throws(IndexError) -> Result {
        try writer.withLock { _ throws(IndexError) -> Result in
            var next = snapshot
            let result = try body(&next)
            current.withLock { $0 = next }
            return result
        }
    }

    /// `update` for changes that cannot fail.
    func writing<Result>(_ body: (inout Snapshot) -> Result) -> Result {
        writer.withLock { _ in
            var next = snapshot
            let result = body(&next)
            current.withLock { $0 = next }
            return result
        }
    }
}
