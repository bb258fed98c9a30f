import CSearchKernels
import TestSupport
import Testing

@Suite("Kernels of pairs") struct PairKernelTests {
    struct Input {
        let width: Int
        var tile: [Int8] = []
        var sums = [Int32](repeating: 0, count: 16)
        var rowStarts: [Int32] = []
        var columns: [UInt8] = []
        var columnStarts: [Int32] = []

        /// Bytes of the whole range, and starts that a few products in a hundred reach.
        init(width: Int, tiles: Int, seed: UInt64) {
            self.width = width
            var generator = SeededGenerator(seed: seed)
            tile = (0..<16 * width).map { _ in Int8.random(in: -127...127, using: &generator) }
            columns = (0..<16 * width * tiles).map { _ in UInt8.random(in: 1...255, using: &generator) }
            for (place, byte) in tile.enumerated() { sums[place % 64 / 4] += Int32(byte) }
            let spread = Int32(5_400 * Double(width).squareRoot())
            rowStarts = (0..<16).map { _ in Int32.random(in: -spread...0, using: &generator) }
            columnStarts = (0..<16 * tiles).map { _ in Int32.random(in: -spread...0, using: &generator) }
        }

        func hits(_ name: String) -> [UInt32]? {
            guard let kernel = unsafe csk_kernel_named(name) else { return nil }
            let tiles = columnStarts.count / 16
            var hits = [UInt32](repeating: 0, count: 256 * max(1, tiles))
            let count = unsafe kernel.pointee.pairs(
                tile, sums, rowStarts, columns, columnStarts, width, tiles, &hits)
            return hits[..<count].sorted()
        }

        /// The definition, word for word.
        var wanted: [UInt32] {
            var hits: [UInt32] = []
            for column in columnStarts.indices {
                for row in 0..<16 {
                    var sum = rowStarts[row] + columnStarts[column]
                    for number in 0..<width {
                        let place = number / 4 * 64 + number % 4
                        let byte = columns[column / 16 * 16 * width + place + 4 * (column % 16)]
                        sum += Int32(tile[place + 4 * row]) * (Int32(byte) - 128)
                    }
                    if sum >= 0 { hits.append(UInt32(column * 16 + row)) }
                }
            }
            return hits
        }
    }

    @Test(
        "every instruction set finds exactly the pairs whose sums are 0 or more",
        arguments: [(4, 1), (16, 2), (20, 3), (128, 5), (128, 48), (512, 4), (2_048, 3)])
    func same(width: Int, tiles: Int) throws {
        let input = Input(width: width, tiles: tiles, seed: UInt64(width + tiles))
        let wanted = input.wanted
        #expect(!wanted.isEmpty && wanted.count < 256 * tiles)
        for name in ["portable", "avx2", "avx512"] {
            guard let found = input.hits(name) else { continue }
            #expect(found == wanted, "\(name)")
        }
    }

    @Test("the largest bytes there are do not overflow a sum")
    func extremes() {
        var input = Input(width: 2_048, tiles: 1, seed: 1)
        input.tile = input.tile.map { _ in -127 }
        input.columns = input.columns.map { _ in 1 }
        input.sums = input.sums.map { _ in -127 * 2_048 }
        // 127 · 127 · 2048 is what is needed, and one more is not reached.
        input.rowStarts = input.rowStarts.map { _ in 0 }
        input.columnStarts = (0..<16).map { -127 * 127 * 2_048 - Int32($0 % 2) }
        for name in ["portable", "avx2", "avx512"] {
            guard let found = input.hits(name) else { continue }
            #expect(found == (0..<256).filter { $0 / 16 % 2 == 0 }, "\(name)")
        }
    }
}
