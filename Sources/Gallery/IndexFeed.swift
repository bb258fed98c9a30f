import TemplateStore
import VectorIndex

/// Carries templates from the store to the index, a few thousand at a time.
struct IndexFeed {
    private static let batchSize = 8192
    private let index: VectorIndex

    init(_ index: VectorIndex) {
        self.index = index
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
                do throws(IndexError) { try index.add(ids: ids, vectors: vectors) } catch {
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
        try index.add(ids: ids, vectors: vectors)
    }
}
