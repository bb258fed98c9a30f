import CSearchKernels
import TestSupport
import Testing

@Suite("Encoding") struct EncodingTests {
    @Test("codes come back from their block as they were put there", arguments: [1, 2, 3, 4])
    func codes(groups: Int) {
        var random = SeededGenerator(seed: UInt64(groups))
        let spaces = groups * Int(csk_group_codes)
        // Every bit of every plane, set and not set, and whatever.
        let every =
            [[UInt8](repeating: 63, count: spaces), [UInt8](repeating: 0, count: spaces)]
            + (0..<62).map { _ in (0..<spaces).map { _ in UInt8.random(in: 0...63, using: &random) } }
        let block = AlignedBytes([UInt8](repeating: 0, count: groups * Int(csk_group_bytes)))
        for face in (0..<64).shuffled(using: &random) {
            unsafe csk_put_codes(block.start, face, groups, every[face])
        }
        for face in 0..<64 {
            var found = [UInt8](repeating: 99, count: spaces)
            unsafe csk_get_codes(block.start, face, groups, &found)
            #expect(found == every[face], "face \(face)")
        }
    }

    @Test("a directory orders rows by their ids, whatever the range of these")
    func directory() {
        var random = SeededGenerator(seed: 4)
        let ranges: [ClosedRange<Int64>] = [
            0...5_000, 0...Int64.max, (Int64.max - 3_000)...Int64.max, 1_000_000...1_000_000_000,
        ]
        for range in ranges {
            for count in [0, 1, 2, 3, 64, 3_000] {
                var different = Set<Int64>()
                while different.count < count { different.insert(Int64.random(in: range, using: &random)) }
                let ids = different.shuffled(using: &random)
                var found = [UInt32](repeating: 77, count: count + 1)
                let done = unsafe csk_sort_directory(ids, count, &found)
                #expect(done == 1 && found[count] == 77)
                #expect(found[..<count].map { Int($0) } == ids.indices.sorted { ids[$0] < ids[$1] })
            }
        }
    }

    /// The centre each row goes to.
    static func assigned(_ name: String, _ centres: [Float], _ rows: [Float], _ dimension: Int) -> [UInt32]? {
        guard let kernel = unsafe csk_kernel_named(name) else { return nil }
        guard let packed = unsafe csk_centres_new(centres, nil, centres.count / dimension, dimension) else {
            return nil
        }
        defer { unsafe csk_centres_free(packed) }
        var best = [UInt32](repeating: 99_999, count: rows.count / dimension)
        unsafe rows.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let vectors = unsafe best.indices.map { unsafe start + $0 * dimension }
            let isAssigned = unsafe csk_assign(kernel, packed, vectors, vectors.count, &best) != 0
            #expect(isAssigned)
        }
        return best
    }

    @Test(
        "vectors go to the nearest centre where centres are far apart",
        arguments: [1, 15, 16, 17, 33, 200], [16, 18, 63, 128, 512])
    func assign(centreCount: Int, dimension: Int) {
        var vectors = SyntheticVectors(seed: UInt64(centreCount * dimension))
        let centres = vectors.rows(centreCount, dimension: dimension, centres: centreCount, spread: 1)
        var rows: [Float] = []
        var wanted: [UInt32] = []
        for row in 0..<77 {
            let centre = (row * 31) % centreCount
            rows += vectors.unit(
                around: Array(centres[centre * dimension..<(centre + 1) * dimension]), spread: 0.1)
            wanted.append(UInt32(centre))
        }
        for (row, centre) in wanted.enumerated() {
            // Some centres are near others at sixteen dimensions: what is nearest is computed.
            let own = rows[row * dimension..<(row + 1) * dimension]
            func product(_ number: Int) -> Float {
                zip(own, centres[number * dimension..<(number + 1) * dimension]).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let products = (0..<centreCount).map(product).enumerated().sorted { $0.element > $1.element }
            let isClear = products.count == 1 || products[0].element > products[1].element + 0.05
            guard isClear else { continue }
            #expect(products[0].offset == Int(centre))
            for name in ["portable", "avx2", "avx512"] {
                guard let found = Self.assigned(name, centres, Array(own), dimension) else { continue }
                #expect(found == [centre], "\(name), row \(row)")
            }
        }
        for name in ["avx2", "avx512"] {
            guard let found = Self.assigned(name, centres, rows, dimension) else { continue }
            #expect(found == Self.assigned("portable", centres, rows, dimension), "\(name)")
        }
    }

    @Test("the nearest centre is the same for every instruction set, ties and odd counts too")
    func nearest() throws {
        var random = SeededGenerator(seed: 12)
        for (tiles, width) in [(1, 4), (1, 16), (2, 64), (3, 128), (13, 64), (2, 2_048)] {
            for kind in 0..<3 {
                // Few different numbers, so that many centres are as good as one another; then only the ends.
                let numbers: [Int8] = kind == 0 ? Array(-127...127) : kind == 1 ? [0, 1] : [-127, 127]
                let centres = AlignedBytes(
                    (0..<tiles * 16 * width).map { _ in
                        UInt8(bitPattern: numbers.randomElement(using: &random) ?? 0)
                    })
                let rows = (0..<21 * width).map { _ -> UInt8 in
                    kind == 0
                        ? UInt8.random(in: 0...255, using: &random)
                        : [1, 255, 128][Int.random(in: 0..<3, using: &random)]
                }
                var offsets = [Int32](repeating: 0, count: tiles * 16)
                for place in 0..<tiles * 16 * width {
                    let centre = place / (16 * width) * 16 + place % 64 / 4
                    unsafe offsets[centre] += 128 * Int32(Int8(bitPattern: centres.start[place]))
                }
                var biases = offsets.map { _ in kind == 0 ? Float.random(in: -3...3, using: &random) : 0 }
                // Places without a centre; in the last case nothing is a centre.
                for place in biases.indices.suffix(kind == 2 && tiles == 1 ? 16 : 3) {
                    biases[place] = -.infinity
                }
                let scales = (0..<21).map { _ in Float.random(in: 1e-4...1e-2, using: &random) }
                for count in [0, 1, 7, 8, 9, 16, 21] {
                    try CodeKernelTests.expectSame("\(tiles) tiles of \(width), kind \(kind), \(count) rows") {
                        kernel -> [UInt32] in
                        var best = [UInt32](repeating: 55, count: count + 1)
                        unsafe UnsafeMutableRawPointer(centres.start).withMemoryRebound(
                            to: Int8.self, capacity: tiles * 16 * width
                        ) {
                            unsafe kernel.nearest(rows, scales, count, width, $0, offsets, biases, tiles, &best)
                        }
                        return best
                    }
                }
            }
        }
    }
}
