import Glibc
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

@safe private final class StoreVectorReader: VectorReader, StoreReading {
    // Safe: what is lent lies in the map, or in copies that live as long as this reader.
    let transaction: StoreTransaction
    private let dimension: Int
    private var copies: [UnsafeMutablePointer<Float>] = unsafe []
    /// Where the vectors lie that were lent since the last `forget`.
    private var lowest = UInt.max
    private var highest = UInt.min

    init(transaction: StoreTransaction, dimension: Int) {
        self.transaction = transaction
        self.dimension = dimension
    }

    deinit { unsafe copies.forEach { unsafe $0.deallocate() } }

    func vector(of id: Int64) -> UnsafePointer<Float>? {
        // A template that is damaged is none: the check of the gallery finds it.
        guard let bytes = try? unsafe vectorBytes(of: id), let start = bytes.baseAddress else { return nil }
        lowest = min(lowest, UInt(bitPattern: start))
        highest = max(highest, UInt(bitPattern: start) + UInt(bytes.count))
        if Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0 {
            return unsafe start.assumingMemoryBound(to: Float.self)
        }
        // LMDB promises even addresses only; in practice pages keep the eight that keys and templates have.
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: dimension)
        unsafe UnsafeMutableRawPointer(copy).copyMemory(from: start, byteCount: bytes.count)
        unsafe copies.append(copy)
        return unsafe UnsafePointer(copy)
    }

    /// Takes the pages between the lowest and the highest vector lent off this process's account.
    ///
    /// They stay in the system's cache of the file, and are mapped again by whoever reads them. The map is LMDB's, read
    /// only, and cannot move while this reader's transaction is open.
    func forget() {
        let page = UInt(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        guard lowest < highest else { return }
        let start = lowest / page * page
        unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), Int(highest - start), MADV_DONTNEED)
        (lowest, highest) = (.max, .min)
    }
}
