import TestSupport
import Testing
import VectorFiles

@testable import facegallery_bench

@Suite("What figures are made of")
struct MeasureTests {
    @Test("answers that miss, repeat or come from nowhere are not counted as found")
    func recall() throws {
        let folder = try TemporaryFolder()
        let writer = try NpyMatrixWriter(path: folder.file("base.npy"), columns: 2)
        // Twenty directions, each further from the probe; the last two are one.
        let angles = (0..<19).map { Double($0) / 20 } + [18 / 20.0]
        for angle in angles { try writer.append([Float(cosine(angle)), Float(cosine(angle - .pi / 2))]) }
        try writer.finish()
        let base = try NpyMatrixMap(path: folder.file("base.npy"))
        let probes: [Float] = [1, 0]
        let recall = try Recall(
            probes: probes, truth: NpyIntegers(columns: 10, values: Array(0..<10)), base: base)
        func measure(_ ids: [Int64], by recall: Recall) throws -> [Double] {
            var answers = Answers(probes: 1, k: 10)
            answers.ids.replaceSubrange(0..<ids.count, with: ids)
            answers.counts[0] = ids.count
            let found = try recall.measure(answers, probes: probes, base: base)
            return [found.first, found.firstTen ?? -1]
        }
        #expect(try measure(Array(0..<10), by: recall) == [1, 1])
        #expect(try measure(Array((0..<10).reversed()), by: recall) == [0, 1])
        #expect(try measure([0, 0, 0, 1], by: recall) == [1, 0.2])
        #expect(try measure([10, 1, -1, 99, 2], by: recall) == [0, 0.2])
        #expect(try measure([], by: recall) == [0, 0])
        // Rows that are not the nearest are no truth, and would make every search seem perfect.
        let wrong = try Recall(
            probes: probes, truth: NpyIntegers(columns: 10, values: Array(5..<15)), base: base)
        #expect(throws: BenchFault.self) { try measure(Array(0..<10), by: wrong) }
    }

    private func cosine(_ angle: Double) -> Double {
        // Enough terms for angles up to a quarter turn.
        (1...12).reversed().reduce(1.0) { 1 - $0 * angle * angle / Double((2 * $1 - 1) * (2 * $1)) }
    }

    @Test("percentiles are the least time that so many do not exceed")
    func percentiles() {
        let times = Times((1...1_000).shuffled().map { Double($0) * 1e-6 })
        #expect(abs(times.microseconds(0.5) - 500) < 1e-6 && abs(times.microseconds(0.999) - 999) < 1e-6)
        #expect(abs(times.microseconds(1) - 1_000) < 1e-6 && abs(times.microseconds(0) - 1) < 1e-6)
    }

    @Test("a power of N is found in what follows it")
    func powerLaw() throws {
        let law = try #require(PowerLaw([10, 100, 5_000].map { ($0, 3 * $0.squareRoot()) }))
        #expect(abs(law.exponent - 0.5) < 1e-9 && abs(law.factor - 3) < 1e-9)
        #expect(PowerLaw([(10, 1)]) == nil && PowerLaw([(10, 1), (10, 2)]) == nil)
    }

    @Test("the normal numbers have the moments and the tails of the normal distribution")
    func normals() {
        var numbers = [Float](repeating: 0, count: 200_000)
        unsafe numbers.withUnsafeMutableBufferPointer { unsafe NumberKey(seed: 1).part(5).fillNormals($0) }
        func mean(_ value: (Double) -> Double) -> Double {
            numbers.reduce(0) { $0 + value(Double($1)) } / Double(numbers.count)
        }
        #expect(abs(mean { $0 }) < 0.01 && abs(mean { $0 * $0 } - 1) < 0.015)
        #expect(abs(mean { $0 * $0 * $0 }) < 0.03 && abs(mean { $0 * $0 * $0 * $0 } - 3) < 0.1)
        #expect(abs(mean { abs($0) > 2 ? 1 : 0 } - 0.0455) < 0.003)
        #expect(abs(mean { abs($0) > 3 ? 1 : 0 } - 0.0027) < 0.0007)
    }

    @Test("the same probes in panels and one by one have the same products, bit for bit")
    func panels() {
        let (rows, dimension) = (21, 19)
        let key = NumberKey(seed: 3)
        var a = [Float](repeating: 0, count: 7 * dimension)
        var b = [Float](repeating: 0, count: rows * dimension)
        unsafe a.withUnsafeMutableBufferPointer { unsafe key.part(1).fillNormals($0) }
        unsafe b.withUnsafeMutableBufferPointer { unsafe key.part(2).fillNormals($0) }
        let panels = RowPanels(capacity: rows, dimension: dimension)
        var out = [Float](repeating: 0, count: 7 * 24)
        unsafe b.withUnsafeBufferPointer { rows in
            unsafe a.withUnsafeBufferPointer { left in
                unsafe out.withUnsafeMutableBufferPointer { target in
                    guard let rows = rows.baseAddress, let left = left.baseAddress,
                        let target = target.baseAddress
                    else { return }
                    unsafe panels.load(rows, count: 21)
                    unsafe panels.products(of: left, count: 7, panelRows: 21, into: target, stride: 24)
                }
            }
        }
        for left in 0..<7 {
            for right in 0..<rows {
                var sum: Float = 0
                for place in 0..<dimension { sum += b[right * dimension + place] * a[left * dimension + place] }
                #expect(out[left * 24 + right] == sum)
            }
        }
    }
}
