import Synchronization
import Testing
import VectorIndex

@Suite("A scan for pairs with new rows")
struct NewPairsTests {
    @Test(
        "finds exactly the pairs that a scan of all finds and whose later row is new",
        arguments: [0, 1, 700, 1_300, 1_799, 1_800, 5_000])
    func newRows(first: Int) throws {
        let (count, dimension) = (1_800, 16)
        var vectors = SyntheticVectors(seed: 11)
        let rows = vectors.rows(count, dimension: dimension, centres: 200, spread: 0.6)
        func pairs(from first: Int) throws -> Set<[Int]> {
            let found = Mutex<[[Int]]>([])
            var request = PairScan.Request(threads: 2) { 0.7 }
            request.firstNew = first
            request.take = { pairs in
                found.withLock { $0 += pairs.map { [$0.first, $0.second, Int($0.similarity.bitPattern)] } }
            }
            try unsafe rows.withUnsafeBufferPointer { buffer in
                let pointers = unsafe (0..<count).compactMap { row in
                    unsafe buffer.baseAddress.map { unsafe $0 + row * dimension }
                }
                let lent = unsafe LentVectors(pointers, dimension: dimension)
                try PairScan(lent, groups: (0..<UInt32(count)).map(\.self)).run(request)
            }
            return found.withLock { Set($0) }
        }
        let all = try pairs(from: 0)
        #expect(all.count > 1_000)
        #expect(try pairs(from: first) == all.filter { $0[1] >= first })
    }
}
