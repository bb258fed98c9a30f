import GalleryModel
import TemplateStore
import VectorIndex

/// Carries templates from the store to the index, a few thousand at a time.
struct IndexFeed {
    private static let batchSize = 8192
    /// So many have come between two searches at most; what is more is an index that was opened behind the store.
    private static let few: Int64 = 2_048
    private let index: VectorIndex
    private let amount: AdditionAmount
    private let threads: Int

    /// - Parameters:
    ///   - position: that the index will have.
    ///   - threads: that give additions lists, where there are many.
    init(_ index: VectorIndex, to position: IndexPosition, threads: Int) {
        self.index = index
        amount = position.highestID - index.position.highestID > Self.few ? .many : .few
        self.threads = threads
    }

    /// Adds every template above the index's highest id.
    func takeAll(from reader: borrowing some StoreReading & ~Copyable) throws {
        var ids: [Int64] = []
        var vectors: [Float] = []
        ids.reserveCapacity(Self.batchSize)
        vectors.reserveCapacity(Self.batchSize * index.dimension)
        var refusal: IndexError?
        do {
            try unsafe reader.forEachVector(after: index.position.highestID) { id, vector throws(StoreError) in
                ids.append(id)
                unsafe vectors.append(contentsOf: vector)
                guard ids.count == Self.batchSize else { return }
                do throws(IndexError) { try add(ids, vectors) } catch {
                    refusal = error
                    throw .cancelled
                }
                ids.removeAll(keepingCapacity: true)
                vectors.removeAll(keepingCapacity: true)
            }
        } catch {
            if let refusal { throw refusal }
            throw error
        }
        try add(ids, vectors)
    }

    private func add(_ ids: [Int64], _ vectors: [Float]) throws(IndexError) {
        try index.add(ids: ids, vectors: vectors, as: amount, threads: amount == .many ? threads : 1)
    }
}
