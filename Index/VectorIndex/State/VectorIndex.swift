internal import CSearchKernels
internal import Synchronization

/// Nearest neighbours of unit vectors by inner product.
///
/// It knows vectors and 64-bit ids, nothing else. For each vector it keeps a compact code and one byte per number; the
/// vectors themselves stay with a source, which is asked for the few that matter to a search.
///
/// Up to some tens of thousands everything is compared. Above, vectors are in lists, of which a search reads what may
/// hold its answers; additions are all compared until they are enough for lists of their own.
///
/// **Threads.** All members may be called from many threads. A search sees one state from beginning to end
/// and never waits for an addition, a removal, a rebuild or a save; additions and removals are carried out
/// one after the other.
public final class VectorIndex: Sendable {
    /// The most neighbours one search may ask for.
    public static let mostNeighbours = 10_000

    /// How many numbers a vector has.
    public let dimension: Int

    let kernel: Kernel

    /// Where the vectors are: what was given, or this process's memory.
    public let source: any VectorSource

    /// Keeps what is added where no other source was given.
    let table: VectorTable?

    /// The state that searches take; held only to copy or replace it.
    private let current: Mutex<SearchView>

    /// Held while the next state is made.
    private let writer = Mutex(())

    /// Held through a rebuild or a save, which must not meet.
    let maintenance = Mutex(())

    let scratches = ScratchPool()

    /// An empty index for vectors of `dimension` numbers, 1…65,536.
    ///
    /// Without a source the index keeps the vectors in memory. Throws `badDimension`, or `unknownKernel` if the
    /// environment asks for loops this machine cannot run.
    public convenience init(dimension: Int, source: (any VectorSource)? = nil) throws(IndexError) {
        guard (1...65_536).contains(dimension) else { throw .badDimension(dimension) }
        try self.init(IndexState(dimension: dimension), source: source)
    }

    init(_ state: IndexState, source: (any VectorSource)?) throws(IndexError) {
        dimension = state.dimension
        kernel = try Kernel.chosen()
        let own = source == nil ? VectorTable(dimension: state.dimension) : nil
        table = own
        self.source = source ?? own ?? VectorTable(dimension: state.dimension)
        current = Mutex(SearchView(state, kernel: kernel))
    }

    /// How many vectors can be found.
    ///
    /// O(1).
    public var count: Int { state.count }

    /// How far the index has followed its store.
    ///
    /// `add` raises `highestID`. `removals` is set by `advance(to:)`, because only the store can count them.
    public var position: IndexPosition { state.position }

    /// The instruction set that it uses: "portable", "avx2" or "avx512".
    public var kernelName: String { kernel.name }

    /// The state of this moment, as searches take it.
    var view: SearchView { current.withLock { $0 } }

    /// The state of this moment.
    var state: IndexState { view.state }

    /// Makes the next state from the present one, alone among writers.
    ///
    /// The next state is published only if `body` returns: if it throws, searches keep the present state. A body that
    /// catches an error itself must work on a copy until the step has succeeded.
    func update<Result, Failure: Error>(
        _ body: (inout IndexState) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try writer.withLock { _ throws(Failure) -> Result in
            var next = state
            let result = try body(&next)
            next.checkInvariants()
            let view = SearchView(next, kernel: kernel)
            current.withLock { $0 = view }
            return result
        }
    }

    /// Whether a vector is in the index under `id`.
    ///
    /// O(log count).
    public func contains(_ id: Int64) -> Bool { state.place(of: id) != nil }

    /// The vector of an id that can be found, or nil if there is none or the source cannot be read.
    ///
    /// O(log count + dimension).
    public func vector(of id: Int64) -> [Float]? {
        let state = state
        guard state.place(of: id) != nil else { return nil }
        var copy: [Float]?
        try? LayeredSource(loose: state.loose, source: source).reading { reader in
            guard let vector = unsafe reader.vector(of: id) else { return }
            copy = unsafe Array(UnsafeBufferPointer(start: vector, count: dimension))
        }
        return copy
    }

    /// Visits every id of this moment, in no promised order.
    ///
    /// O(count).
    public func forEachID(_ body: (Int64) throws -> Void) rethrows { try state.forEachID(body) }
}
