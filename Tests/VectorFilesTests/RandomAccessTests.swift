import Foundation
import TestSupport
import Testing
import VectorFiles

@Suite("Matrices that are read in any order")
struct RandomAccessTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func reason(_ error: VectorFileError?) -> String {
        guard case .malformed(_, let reason) = error else { return "" }
        return reason
    }

    @Test("a mapped matrix gives the rows that were written, in any order")
    func mappedRows() throws {
        let rows = (0..<70).map { Float($0) }
        let writer = try NpyMatrixWriter(path: folder.file("m.npy"), columns: 7)
        try writer.append(Array(rows[..<28]))
        try writer.append(Array(rows[28...]))
        try writer.finish()
        let map = try NpyMatrixMap(path: folder.file("m.npy"))
        #expect(map.rows == 10 && map.columns == 7)
        #expect(map.floats(9..<10) == Array(rows[63...]))
        #expect(map.floats(2..<4) == Array(rows[14..<28]))
        #expect(map.floats(0..<0) == [])
    }

    @Test("a matrix that cannot be mapped is refused with the reason")
    func refusals() throws {
        try NpyIntegers(columns: 2, values: [1, 2]).write(to: folder.file("integers.npy"))
        let integers = #expect(throws: VectorFileError.self) {
            try NpyMatrixMap(path: folder.file("integers.npy"))
        }
        #expect(reason(integers).contains("'<i8' values; float32"))
        let writer = try NpyMatrixWriter(path: folder.file("m.npy"), columns: 2)
        try writer.append([1, 2])
        try writer.finish()
        let whole = try #require(folder.bytes(of: "m.npy"))
        try folder.write(whole.dropLast(), to: "short.npy")
        let short = #expect(throws: VectorFileError.self) { try NpyMatrixMap(path: folder.file("short.npy")) }
        #expect(reason(short).contains("truncated"))
        #expect(throws: VectorFileError.missing(path: folder.file("none.npy"))) {
            try NpyMatrixMap(path: folder.file("none.npy"))
        }
    }

    @Test("whole numbers come back as they were written, and 32-bit ones are read too")
    func integers() throws {
        let matrix = NpyIntegers(columns: 3, values: [0, -1, 1 << 40, 7, 8, 9])
        try matrix.write(to: folder.file("m.npy"))
        let read = try NpyIntegers(path: folder.file("m.npy"))
        #expect(read == matrix && Array(read[1]) == [7, 8, 9])
        let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1), }"
        let start = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
        let text = Array((header + String(repeating: " ", count: 117 - header.utf8.count) + "\n").utf8)
        try folder.write(start + text + [5, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], to: "narrow.npy")
        #expect(try NpyIntegers(path: folder.file("narrow.npy")).values == [5, -1])
    }

    @Test("numbers that are not whole are refused as such")
    func floatsAreNoIntegers() throws {
        let writer = try NpyMatrixWriter(path: folder.file("m.npy"), columns: 2)
        try writer.append([1, 2])
        try writer.finish()
        let error = #expect(throws: VectorFileError.self) { try NpyIntegers(path: folder.file("m.npy")) }
        #expect(reason(error).contains("int32 or int64"))
    }
}

extension TemporaryFolder {
    fileprivate func bytes(of name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: file(name)).map { [UInt8]($0) }
    }

    @discardableResult
    fileprivate func write(_ bytes: ArraySlice<UInt8>, to name: String) throws -> String {
        try write(Array(bytes), to: name)
    }
}
