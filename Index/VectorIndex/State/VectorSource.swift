internal import CSearchKernels
internal import Glibc
internal import Synchronization

/// Where the vectors of an index are kept: a store, a mapped file, memory.
///
/// The index holds codes and bytes of its vectors, not the vectors. It asks for those that may be among the answers
/// of a search, and for all of them when it is trained.
public protocol VectorSource: Sendable {
    /// Lends a reader that sees everything committed before the call; it may be used by one thread, until `body`
    /// returns.
    ///
    /// Called from many threads at once. Throws what `body` throws, or `source` if the vectors cannot be read.
    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError)
}

/// What a source lends to one thread.
public protocol VectorReader {
    /// The vector of an id, as many numbers as the index has dimensions, or nil if there is none.
    ///
    /// The pointer is good until the reader is given back; it needs no alignment beyond that of a number.
    func vector(of id: Int64) -> UnsafePointer<Float>?

    /// Nothing that was lent so far is needed any more: memory that only mirrors a file may be given back.
    ///
    /// Called where many vectors are read that will not be read again soon, as when an index is trained.
    func forget()
}

extension VectorReader {
    /// Gives nothing back.
    public func forget() {}
}

/// Vectors in this process's memory, for indexes that follow no store.
///
/// Safe from any thread.
public final class VectorTable: VectorSource {
    private let dimension: Int
    private let rows: Mutex<Rows>

    /// An empty table for vectors of `dimension` numbers.
    public init(dimension: Int) {
        self.dimension = dimension
        rows = Mutex(Rows())
    }

    /// Keeps a vector under each id; an id that is there already gets the new one.
    ///
    /// `vectors` is row-major, `ids.count` × dimension. Throws `noMemory`, and then keeps none of them.
    public func add(ids: [Int64], vectors: UnsafeBufferPointer<Float>) throws(IndexError) {
        precondition(vectors.count == ids.count * dimension)
        guard let start = vectors.baseAddress else { return }
        let chunk = try unsafe FloatChunk(copying: start, count: vectors.count)
        rows.withLock { rows in
            for (row, id) in ids.enumerated() {
                rows.places[id] = Place(chunk: chunk, offset: row * dimension)
            }
        }
    }

    /// Lends the vectors of this moment.
    public func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        try body(TableReader(places: rows.withLock { $0.places }))
    }

    private struct Rows {
        var places: [Int64: Place] = [:]
    }

    private struct Place {
        let chunk: FloatChunk
        let offset: Int
    }

    private struct TableReader: VectorReader {
        let places: [Int64: Place]

        func vector(of id: Int64) -> UnsafePointer<Float>? {
            guard let place = places[id] else { return nil }
            return unsafe place.chunk.start + place.offset
        }
    }
}

/// Some floats that never change.
@safe private final class FloatChunk: @unchecked Sendable {
    // Unchecked and safe: written before the initialiser returns, freed by deinit.
    let start: UnsafePointer<Float>

    init(copying floats: UnsafePointer<Float>, count: Int) throws(IndexError) {
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        guard let memory = unsafe csk_allocate(bytes) else { throw .noMemory(bytes: bytes) }
        let own = unsafe memory.bindMemory(to: Float.self, capacity: max(count, 1))
        unsafe own.initialize(from: floats, count: count)
        unsafe start = UnsafePointer(own)
    }

    deinit { unsafe free(UnsafeMutableRawPointer(mutating: start)) }
}
