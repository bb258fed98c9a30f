import TestSupport
import Testing
import VectorFiles

@Suite("Files of texmex's vectors")
struct VecsMatrixTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private func fvecs(_ rows: [[Float]]) -> [UInt8] {
        rows.flatMap { row in little(UInt32(row.count)) + row.flatMap { little($0.bitPattern) } }
    }

    private func read(_ reader: VecsMatrixReader, rows limit: Int) throws -> [[Float]] {
        var all: [[Float]] = []
        var buffer = [Float](repeating: 0, count: limit * reader.columns)
        while true {
            let count = try unsafe buffer.withUnsafeMutableBufferPointer { try unsafe reader.next(into: $0) }
            if count == 0 { return all }
            for row in 0..<count {
                all.append(Array(buffer[row * reader.columns..<(row + 1) * reader.columns]))
            }
        }
    }

    @Test("rows of .fvecs come in order, whatever the size of a block", arguments: [1, 3, 1_000])
    func floats(limit: Int) throws {
        let rows = (0..<10).map { row in (0..<4).map { Float(row) + Float($0) / 8 } }
        let reader = try VecsMatrixReader(path: folder.write(fvecs(rows), to: "x.fvecs"))
        #expect(reader.rows == 10 && reader.columns == 4)
        #expect(try read(reader, rows: limit) == rows)
    }

    @Test("bytes of .bvecs become numbers from 0 to 255")
    func bytes() throws {
        let file = little(3) + [0, 128, 255] + little(3) + [1, 2, 3]
        let reader = try VecsMatrixReader(path: folder.write(file, to: "x.bvecs"))
        #expect(try read(reader, rows: 8) == [[0, 128, 255], [1, 2, 3]])
    }

    @Test("an empty file has no rows")
    func empty() throws {
        let reader = try VecsMatrixReader(path: folder.write([], to: "x.fvecs"))
        #expect(reader.rows == 0 && reader.columns == 0)
    }

    @Test("truncated, foreign and uneven files are refused by name")
    func malformed() throws {
        let whole = fvecs([[1, 2], [3, 4]])
        let bad: [[UInt8]] = [
            Array(whole.dropLast()), little(0), little(0x8000_0000) + [0], little(0x7FFF_FFFF) + [0, 0],
            [1, 2],
        ]
        for (index, file) in bad.enumerated() {
            let path = try folder.write(file, to: "\(index).fvecs")
            let error = #expect(throws: VectorFileError.self) { try VecsMatrixReader(path: path) }
            #expect(error?.description.contains(path) == true)
        }
        // Twice twelve bytes, of which the second row claims another size.
        let uneven = little(2) + [0, 0, 0, 0, 0, 0, 0, 0] + little(5) + [0, 0, 0, 0, 0, 0, 0, 0]
        let reader = try VecsMatrixReader(path: folder.write(uneven, to: "uneven.fvecs"))
        let error = #expect(throws: VectorFileError.self) { try read(reader, rows: 4) }
        #expect(error?.description.contains("row 1 claims 5 numbers") == true)
    }
}
