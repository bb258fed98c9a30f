import TestSupport
import Testing
import VectorFiles

/// Whatever is in a file, its reader gives rows or an error that names the file: no crash, no hang, no flood.
@Suite("Fuzzed files of vectors and names")
struct FuzzTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private func npy(_ type: String, rows: Int, columns: Int, size: Int) -> [UInt8] {
        let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
        let header = text + String(repeating: " ", count: 117 - text.utf8.count) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
            + (0..<rows * columns * size).map { UInt8(truncatingIfNeeded: $0 * 31) }
    }

    /// Reads all rows, a few at a time; returns how many.
    private func drain(_ matrix: some MatrixRows) throws -> Int {
        var rows = 0
        guard matrix.columns > 0, matrix.columns < 1 << 20 else { return 0 }
        var buffer = [Float](repeating: 0, count: 7 * matrix.columns)
        while true {
            let count = try unsafe buffer.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
            if count == 0 { return rows }
            rows += count
        }
    }

    private func fuzz(
        _ seeds: [[UInt8]], as name: String, seed: UInt64, _ read: (String) throws -> Void
    ) throws {
        var mutations = Mutations(of: seeds, seed: seed)
        let time = FuzzTime()
        var (inputs, taken) = (0, 0)
        while time.isLeft {
            let path = try folder.write(mutations.next(), to: name)
            let start = ContinuousClock.now
            do {
                try read(path)
                taken += 1
            } catch let error as VectorFileError {
                #expect(error.description.contains(path), "\(error)")
            }
            #expect(ContinuousClock.now - start < .seconds(5))
            inputs += 1
        }
        #expect(time.growth < 256 << 20)
        #expect(inputs > 0 && taken < inputs, "\(taken) of \(inputs) inputs were taken")
        print("fuzzed \(name): \(inputs) inputs, \(taken) taken")
    }

    @Test("matrices of numpy")
    func npyMatrices() throws {
        let seeds = [
            npy("<f4", rows: 5, columns: 16, size: 4), npy("<f2", rows: 3, columns: 7, size: 2),
            npy("<f8", rows: 2, columns: 9, size: 8), npy("<f4", rows: 0, columns: 16, size: 4),
        ]
        try fuzz(seeds, as: "x.npy", seed: 1) { path in
            let matrix = try NpyMatrixReader(path: path)
            #expect(try drain(matrix) == (matrix.columns > 0 ? matrix.rows : 0))
            let map = try NpyMatrixMap(path: path)
            #expect(map.floats(0..<map.rows).count == map.rows * map.columns)
        }
    }

    @Test("matrices of whole numbers")
    func npyIntegers() throws {
        let seeds = [npy("<i8", rows: 3, columns: 4, size: 8), npy("<i4", rows: 5, columns: 2, size: 4)]
        try fuzz(seeds, as: "i.npy", seed: 2) { path in
            let matrix = try NpyIntegers(path: path)
            #expect(matrix.values.count == matrix.rows * matrix.columns)
        }
    }

    @Test("vectors of texmex", arguments: ["x.fvecs", "x.bvecs"])
    func vecs(name: String) throws {
        let row = little(4) + (0..<(name.hasSuffix("bvecs") ? 4 : 16)).map { UInt8($0 * 15) }
        try fuzz([row + row + row, row, []], as: name, seed: 3) { path in
            let matrix = try VecsMatrixReader(path: path)
            #expect(try drain(matrix) == matrix.rows)
        }
    }

    @Test("names")
    func names() throws {
        let seeds = ["Ada\nGrace\n", "Zoë\r\nAda\r\nx", "a"].map { Array($0.utf8) }
        try fuzz(seeds, as: "names.txt", seed: 4) { path in
            let reader = try NamesReader(path: path)
            var lines = 0
            while let name = try reader.next() {
                #expect(!name.isEmpty && !name.utf8.contains(0x0A))
                lines += 1
            }
            #expect(try NamesReader.count(path: path) == lines)
        }
    }
}
