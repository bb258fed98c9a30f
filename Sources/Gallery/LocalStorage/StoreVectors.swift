import GalleryModel
import TemplateStore
import VectorIndex

/// The templates of a store, as its index asks for them: pointers into the map, one transaction a search and thread.
struct StoreVectors: VectorSource {
    let store: TemplateStore

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        var failure: IndexError?
        do throws(StoreError) {
            try store.read { reader throws(StoreError) in
                do throws(IndexError) {
                    try body(
                        StoreVectorReader(
                            transaction: reader.transaction, dimension: store.settings.dimension))
                } catch {
                    failure = error
                }
            }
        } catch {
            throw failure ?? .source("\(error)")
        }
        if let failure { throw failure }
    }
}

/// The templates of one state of a store: every reader sees the same, in the caller's transaction.
///
/// Helper threads begin no transaction: a thread that waits for them inside its own would keep the map from growing,
/// and they would wait for that.
struct StateVectors: VectorSource, @unchecked Sendable {
    // Unchecked: helpers read only in transactions that are lent to them.
    private let transaction: StoreTransaction
    private let dimension: Int
    private let isShared: Bool

    /// - Parameter isShared: whether helper threads read, too.
    init(_ transaction: StoreTransaction, dimension: Int, isShared: Bool) throws(StoreError) {
        if isShared { try transaction.prepareToLend() }
        (self.transaction, self.dimension, self.isShared) = (transaction, dimension, isShared)
    }

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) {
        let own = isShared ? transaction.lent() : transaction
        try body(StoreVectorReader(transaction: own, dimension: dimension))
    }
}

@safe final class StoreVectorReader: VectorReader, StoreReading {
    // Safe: what is lent is in the map, or in copies that live as long as this reader.
    let transaction: StoreTransaction
    private let dimension: Int
    private var copies: [UnsafeMutablePointer<Float>] = unsafe []
    private var lent: LentPages

    init(transaction: StoreTransaction, dimension: Int) {
        self.transaction = transaction
        self.dimension = dimension
        lent = LentPages(of: transaction)
    }

    deinit { unsafe copies.forEach { unsafe $0.deallocate() } }

    func vector(of id: Int64) -> UnsafePointer<Float>? {
        // A template that is damaged is none: the check of the gallery finds it.
        guard let bytes = try? unsafe vectorBytes(of: id), let start = bytes.baseAddress else { return nil }
        unsafe lent.note(bytes)
        if Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0 {
            return unsafe start.assumingMemoryBound(to: Float.self)
        }
        // LMDB promises even addresses only; in practice pages keep the eight that keys and templates have.
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: dimension)
        unsafe UnsafeMutableRawPointer(copy).copyMemory(from: start, byteCount: bytes.count)
        unsafe copies.append(copy)
        return unsafe UnsafePointer(copy)
    }

    func forget() { lent.forget() }
}
