import Glibc

/// The part of a memory map that a long walk has touched, so that it can be taken off the process's account again.
///
/// What is read through the map counts as the process's memory until somebody else needs it; a walk over millions of
/// records would look as if it needed them all at once. The map is LMDB's, read only and of a file: pages that are let
/// go stay in the system's cache, and are mapped again by their next reader. To be used inside the transaction that
/// lent the memory, while the map cannot move.
///
/// A writer's transaction keeps the pages it has changed in memory of the heap, and lends them as it lends the map.
/// What is between two of its records may be anybody's memory, so nothing of a writer's is ever let go.
@safe public struct LentPages {
    @usableFromInline let isMap: Bool
    private var lowest = UInt.max
    private var highest = UInt.min

    /// Nothing touched yet of what a transaction lends.
    public init(of transaction: StoreTransaction) { isMap = !transaction.isWriter }

    /// The same of a reading transaction of LMDB's own.
    init(ofMap: ()) { isMap = true }

    /// Remembers memory that was read.
    @inlinable
    public mutating func note(_ bytes: UnsafeRawBufferPointer) {
        guard isMap, let start = bytes.baseAddress else { return }
        note(from: UInt(bitPattern: start), to: UInt(bitPattern: start) + UInt(bytes.count))
    }

    @usableFromInline
    mutating func note(from start: UInt, to end: UInt) {
        lowest = min(lowest, start)
        highest = max(highest, end)
    }

    /// Lets go of everything between the lowest and the highest byte that was read since the last call.
    public mutating func forget() {
        guard lowest < highest else { return }
        let page = UInt(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        let start = lowest / page * page
        unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), Int(highest - start), MADV_DONTNEED)
        (lowest, highest) = (.max, .min)
    }
}
