import CSearchKernels
import TestSupport
import Testing

/// Every instruction set against the portable loops; those that this processor lacks are passed over.
@Suite("Kernels of codes") struct CodeKernelTests {
    static let names = ["avx2", "avx512"]

    static func codes(_ name: String) -> csk_code_kernel? {
        guard let kernel = unsafe csk_kernel_named(name) else { return nil }
        return unsafe kernel.pointee.codes.pointee
    }

    static let portable = unsafe csk_kernel_named("portable").map { unsafe $0.pointee.codes.pointee }

    /// What `ask` gives for every instruction set there is: equal to what it gives for the portable one.
    static func expectSame<Answer: Equatable>(
        _ what: String, _ ask: (csk_code_kernel) -> Answer, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let wanted = ask(try #require(portable))
        for name in names {
            guard let kernel = codes(name) else { continue }
            #expect(ask(kernel) == wanted, "\(name), \(what)", sourceLocation: sourceLocation)
        }
    }

    /// How costs are made: all of 0…255, few and small so that sums stay below saturation, or all the same.
    enum Costs: CaseIterable { case any, small, zero, one, twelve, most }

    static func costs(_ kind: Costs, _ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in
            switch kind {
            case .any: UInt8.random(in: 0...255, using: &random)
            case .small: UInt8.random(in: 0...9, using: &random) / 3
            case .zero: 0
            case .one: 1
            case .twelve: 12
            case .most: 255
            }
        }
    }

    @Test("scan finds the same faces, up to saturation and at every cut-off", arguments: [1, 2, 3, 4])
    func scan(groups: Int) throws {
        var random = SeededGenerator(seed: UInt64(groups))
        let spaces = groups * Int(csk_group_codes)
        for kind in Costs.allCases {
            let blocks = 5
            let planes = AlignedBytes(
                (0..<blocks * groups * Int(csk_group_bytes)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            )
            let table = AlignedBytes(Self.costs(kind, spaces * Int(csk_code_values), &random))
            // 12 × 21 is 252, the last sum below saturation; the last cut-off tells it from 255.
            for cutoff: UInt32 in [0, 1, 20, 21, 42, 84, 127, 128, 200, 251, 252, 253, 254] {
                try Self.expectSame("\(kind) to \(cutoff)") { kernel -> [UInt64] in
                    var masks = [UInt64](repeating: 0xA5A5, count: blocks + 1)
                    unsafe kernel.scan(planes.start, blocks, groups, table.start, cutoff, &masks)
                    return masks
                }
            }
            guard kind == .most else { continue }
            var masks = [UInt64](repeating: 1, count: blocks)
            unsafe Self.portable?.scan(planes.start, blocks, groups, table.start, 254, &masks)
            #expect(masks.allSatisfy { $0 == 0 }, "what is saturated never passes")
        }
    }

    @Test("scan adds the cost of each code of each face", arguments: [1, 2, 3, 4])
    func scanAdds(groups: Int) throws {
        var random = SeededGenerator(seed: 40 + UInt64(groups))
        let spaces = groups * Int(csk_group_codes)
        let block = AlignedBytes([UInt8](repeating: 0, count: groups * Int(csk_group_bytes)))
        let table = AlignedBytes(Self.costs(.small, spaces * Int(csk_code_values), &random))
        var sums: [Int] = []
        for face in 0..<Int(csk_block_faces) {
            let codes = (0..<spaces).map { _ in UInt8.random(in: 0...63, using: &random) }
            unsafe csk_put_codes(block.start, face, groups, codes)
            var sum = 0
            for (space, code) in codes.enumerated() { sum += unsafe Int(table.start[space * 64 + Int(code)]) }
            sums.append(sum)
        }
        for name in ["portable"] + Self.names {
            guard let kernel = Self.codes(name) else { continue }
            for cutoff in stride(from: 0, through: 254, by: 3) {
                var mask: UInt64 = 0
                unsafe kernel.scan(block.start, 1, groups, table.start, UInt32(cutoff), &mask)
                let passed = (0..<64).filter { mask >> UInt64($0) & 1 != 0 }
                #expect(passed == (0..<64).filter { sums[$0] <= cutoff }, "\(name) to \(cutoff)")
            }
        }
    }

    @Test("pick gives the numbers of the bits, and writes at most sixteen beyond them")
    func pick() throws {
        var random = SeededGenerator(seed: 3)
        let some = (0..<40).map { _ in random.next() }
        let few = (0..<40).map { _ in random.next() & random.next() & random.next() & random.next() }
        let every: [[UInt64]] = [
            [], [0], [.max], [1], [1 << 63], [0, 0, 1 << 15, 0], [UInt64.max, 0, .max], some, few,
            [UInt64](repeating: .max, count: 32),
        ]
        for masks in every {
            var wanted: [UInt32] = []
            for (block, mask) in masks.enumerated() {
                for bit in 0..<64 where mask >> UInt64(bit) & 1 != 0 {
                    wanted.append(UInt32(700 + 64 * block + bit))
                }
            }
            for name in ["portable"] + Self.names {
                guard let kernel = Self.codes(name) else { continue }
                var out = [UInt32](repeating: 77, count: wanted.count + 20)
                let count = unsafe kernel.pick(masks, masks.count, 700, &out)
                #expect(count == wanted.count && Array(out[..<count]) == wanted, "\(name)")
                #expect(out[(wanted.count + 16)...].allSatisfy { $0 == 77 }, "\(name) wrote too far")
            }
        }
    }

    @Test(
        "dots are the same, of rows in a row and of rows named",
        arguments: [1, 4, 15, 16, 17, 63, 64, 65, 100, 128, 192, 512, 2_048])
    func dots(dimension: Int) throws {
        var random = SeededGenerator(seed: UInt64(dimension))
        for kind in 0..<4 {
            let rowCount = 40
            let probe = (0..<dimension).map { _ -> Int8 in
                [
                    Int8.random(in: -127...127, using: &random), 127, -127,
                    Bool.random(using: &random) ? 127 : -127,
                ][kind]
            }
            let rows = (0..<rowCount * dimension).map { _ -> UInt8 in
                kind == 0
                    ? UInt8.random(in: 0...255, using: &random)
                    : [0, 255, 1][Int.random(in: 0..<3, using: &random)]
            }
            let which = (0..<rowCount).map { _ in UInt32.random(in: 0..<UInt32(rowCount), using: &random) }
            for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 40] {
                for names in [nil, which] {
                    let wanted = (0..<count).map { at -> Int32 in
                        let row = names.map { Int($0[at]) } ?? at
                        return (0..<dimension).reduce(0) {
                            $0 + Int32(probe[$1]) * Int32(rows[row * dimension + $1])
                        }
                    }
                    for name in ["portable"] + Self.names {
                        guard let kernel = Self.codes(name) else { continue }
                        var out = [Int32](repeating: 7, count: count + 1)
                        if let names {
                            unsafe kernel.dots(probe, rows, dimension, names, count, &out)
                        } else {
                            unsafe kernel.dots(probe, rows, dimension, nil, count, &out)
                        }
                        #expect(
                            out == wanted + [7], "\(name), kind \(kind), \(count) rows, named: \(names != nil)")
                    }
                }
            }
        }
    }

    @Test("accumulate rounds products before it adds them")
    func accumulate() throws {
        var random = SeededGenerator(seed: 9)
        for scale: Float in [1, 1e-20, 1e20, 0] {
            let weight = scale * Float.random(in: -1...1, using: &random)
            let values = (0..<64).map { _ in Float.random(in: -1...1, using: &random) }
            let before = (0..<64).map { _ in scale * Float.random(in: -1...1, using: &random) }
            let wanted = (0..<64).map { place in
                let product = weight * values[place]
                return before[place] + product
            }
            for name in ["portable"] + Self.names {
                guard let kernel = Self.codes(name) else { continue }
                var sums = before
                unsafe kernel.accumulate(weight, values, &sums)
                #expect(sums.map(\.bitPattern) == wanted.map(\.bitPattern), "\(name) at \(scale)")
            }
        }
    }

    @Test("costs are rounded to even and end at 255")
    func costs() throws {
        var random = SeededGenerator(seed: 10)
        let steps = (0..<64).map { Float($0) * -4.25 }
        let halves = (0..<64).map { Float($0) * -0.5 - 220 }
        let rough = (0..<64).map { _ in Float.random(in: -1...0, using: &random) }
        let equal = [Float](repeating: 0, count: 64)
        for (values, top) in [(steps, Float(0)), (halves, 0), (rough, rough.max() ?? 0), (equal, 0)] {
            for inverse: Float in [0, 1, 0.5, 254.5, 1e9, .greatestFiniteMagnitude] {
                let wanted = values.map { value -> UInt8 in
                    let cost = (top - value) * inverse
                    return cost < 255 ? UInt8(cost.rounded(.toNearestOrEven)) : 255
                }
                for name in ["portable"] + Self.names {
                    guard let kernel = Self.codes(name) else { continue }
                    var found = [UInt8](repeating: 1, count: 64)
                    unsafe kernel.costs(values, top, inverse, &found)
                    #expect(found == wanted, "\(name) by \(inverse)")
                }
            }
        }
    }
}

/// Bytes at a multiple of 64, as the loops want blocks and tables.
@safe final class AlignedBytes {
    // Safe: freed with its owner, which tests keep while they use it.
    let start: UnsafeMutablePointer<UInt8>

    init(_ bytes: [UInt8]) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 64)
        unsafe start = memory.bindMemory(to: UInt8.self, capacity: max(bytes.count, 1))
        for (place, byte) in bytes.enumerated() { unsafe start[place] = byte }
    }

    deinit { unsafe start.deallocate() }
}
