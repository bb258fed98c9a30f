import CSearchKernels
import Testing

@Suite("Kernels") struct KernelTests {
    /// The bits of all inner products of 7 probes with 13 rows that start `offset` bytes off any alignment.
    static func products(_ name: String, dimension: Int, offset: Int) -> [UInt32]? {
        guard let kernel = unsafe csk_kernel_named(name) else { return nil }
        var vectors = SyntheticVectors(seed: UInt64(dimension))
        let rows = vectors.rows(13, dimension: dimension, centres: 3, spread: 0.7)
        let probes = vectors.rows(7, dimension: dimension, centres: 3, spread: 0.7)
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: rows.count * 4 + offset, alignment: 64)
        defer { unsafe bytes.deallocate() }
        unsafe rows.withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: $0)
        }
        var out = [Float](repeating: .nan, count: 13 * 8)
        unsafe probes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress, let from = bytes.baseAddress else { return }
            let four = unsafe (0..<4).map { unsafe start + $0 * dimension }
            unsafe out.withUnsafeMutableBufferPointer { out in
                guard let to = out.baseAddress else { return }
                unsafe kernel.pointee.block(four, from + offset, 13, dimension, to, 13)
                for probe in 4..<7 {
                    unsafe kernel.pointee.rows(
                        start + probe * dimension, from + offset, 13, dimension, to + probe * 13)
                }
                // The first probe again, alone: the same bits as in the block of four.
                unsafe kernel.pointee.rows(start, from + offset, 13, dimension, to + 7 * 13)
            }
        }
        return out.map(\.bitPattern)
    }

    @Test(
        "every instruction set gives the same bits, on rows of any alignment",
        arguments: [1, 2, 15, 16, 17, 20, 31, 32, 100, 128, 512, 2_048])
    func sameBits(dimension: Int) throws {
        let wanted = try #require(Self.products("portable", dimension: dimension, offset: 0))
        #expect(wanted[0..<13] == wanted[91..<104])
        #expect(!wanted.contains { Float(bitPattern: $0).isNaN })
        for name in ["portable", "avx2", "avx512"] {
            for offset in [0, 1, 4, 33] {
                guard let found = Self.products(name, dimension: dimension, offset: offset) else { continue }
                #expect(found == wanted, "\(name) at offset \(offset)")
            }
        }
    }

    @Test("an inner product is right to the rounding of float32")
    func right() {
        var vectors = SyntheticVectors(seed: 5)
        let rows = vectors.rows(2, dimension: 100, centres: 1, spread: 0.7)
        var wanted = 0.0
        for at in 0..<100 { wanted += Double(rows[at]) * Double(rows[100 + at]) }
        var found: Float = 0
        guard let kernel = unsafe csk_kernel_chosen() else {
            Issue.record("there is no kernel")
            return
        }
        unsafe rows.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe kernel.pointee.rows(start, start + 100, 1, 100, &found)
        }
        #expect(abs(Double(found) - wanted) < 1e-6)
    }

    @Test("an unknown kernel is no kernel")
    func unknown() { #expect(unsafe csk_kernel_named("sse9") == nil) }

    @Test("CRC-32C is that of the standard, by instruction and by table")
    func checksum() {
        let digits = Array("123456789".utf8)
        #expect(unsafe csk_crc32c(0, digits, 9) == 0xE306_9283)
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 * 31) }
        #expect(unsafe csk_crc32c(0, bytes, 1_000) == csk_crc32c_portable(0, bytes, 1_000))
        let half = unsafe csk_crc32c(0, bytes, 501)
        #expect(unsafe csk_crc32c(half, Array(bytes[501...]), 499) == csk_crc32c(0, bytes, 1_000))
    }

    @Test("a heap keeps the best k in order, whatever order they come in", arguments: [1, 2, 5, 10, 63, 500])
    func heap(k: Int) {
        var vectors = SyntheticVectors(seed: UInt64(k))
        // Few different similarities, so that ids decide often.
        let offers = (0..<400).map { (id: Int64(($0 * 7) % 400), similarity: Float(vectors.bits() % 20)) }
        var similarities = [Float](repeating: 0, count: k)
        var ids = [Int64](repeating: 0, count: k)
        var found: [Int64] = []
        unsafe similarities.withUnsafeMutableBufferPointer { similarities in
            unsafe ids.withUnsafeMutableBufferPointer { ids in
                guard let first = similarities.baseAddress, let firstID = ids.baseAddress else { return }
                var heap = unsafe csk_heap(
                    similarities: first, ids: firstID, capacity: k, count: 0, best: -.infinity)
                unsafe csk_heap_offer(&heap, .nan, 1_000)
                for offer in offers { unsafe csk_heap_offer(&heap, offer.similarity, offer.id) }
                unsafe csk_heap_sort(&heap)
                found = unsafe Array(UnsafeBufferPointer(start: firstID, count: heap.count))
            }
        }
        let wanted = offers.sorted {
            $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.id < $1.id
        }
        #expect(found == wanted.prefix(k).map(\.id))
    }
}
