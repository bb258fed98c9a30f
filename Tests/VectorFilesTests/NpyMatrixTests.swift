import TestSupport
import Testing
import VectorFiles

/// The bytes of an `.npy` file with the header that NumPy writes.
private func npy(
    _ descr: String, shape: String, order: String = "False", version: UInt8 = 1, values: [UInt8]
) -> [UInt8] {
    var text = "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': (\(shape)), }"
    let start = version == 1 ? 10 : 12
    text += String(repeating: " ", count: 64 - (start + text.utf8.count + 1) % 64) + "\n"
    let length = text.utf8.count
    let lengthBytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + Array(text.utf8) + values
}

private func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.flatMap { value in (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}

private func reason(_ path: String) -> String {
    guard
        case .malformed(let named, let reason) = #expect(
            throws: VectorFileError.self,
            performing: {
                try NpyMatrixReader(path: path)
            })
    else { return "" }
    #expect(named == path)
    return reason
}

/// The bytes of an `.npy` file with a header as it stands.
private func npy(header: String, values: [UInt8]) -> [UInt8] {
    let length = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
        + values
}

@Suite("Matrices in .npy files")
struct NpyMatrixTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("float16, float32 and float64 rows are read as the same numbers", arguments: [UInt8(1), 2, 3])
    func elementTypes(version: UInt8) throws {
        let numbers: [Float] = [0, 1, -2.5, 0.125, 3, -0.75]
        let files = [
            npy("<f2", shape: "3, 2", version: version, values: bytes(numbers.map { Float16($0).bitPattern })),
            npy("<f4", shape: "3, 2", version: version, values: bytes(numbers.map(\.bitPattern))),
            npy("<f8", shape: "3, 2", version: version, values: bytes(numbers.map { Double($0).bitPattern })),
        ]
        for (index, file) in files.enumerated() {
            let reader = try NpyMatrixReader(path: folder.write(file, to: "\(index).npy"))
            #expect(reader.rows == 3 && reader.columns == 2)
            #expect(try reader.nextRows(2) == Array(numbers[..<4]))
            #expect(try reader.nextRows(2) == Array(numbers[4...]))
            #expect(try reader.nextRows(2) == [])
        }
    }

    @Test("one dimension is one row, and no rows are a matrix too")
    func smallShapes() throws {
        let row = try NpyMatrixReader(
            path: folder.write(npy("<f4", shape: "2,", values: bytes([Float(1).bitPattern, 0])), to: "row.npy"))
        #expect(row.rows == 1 && row.columns == 2)
        let empty = try NpyMatrixReader(
            path: folder.write(npy("<f4", shape: "0, 128", values: []), to: "0.npy"))
        #expect(empty.rows == 0 && empty.columns == 128)
        #expect(try empty.nextRows(10) == [])
    }

    @Test("what is written is read back, and stands under its name only when whole")
    func roundTrip() throws {
        let path = folder.file("out.npy")
        let writer = try NpyMatrixWriter(path: path, columns: 3)
        try writer.append([1, 2, 3, 4, 5, 6])
        #expect(throws: VectorFileError.missing(path: path)) { try NpyMatrixReader(path: path) }
        try writer.append([7, 8, 9])
        try writer.finish()
        let reader = try NpyMatrixReader(path: path)
        #expect(reader.rows == 3 && reader.element == .float32)
        #expect(try reader.nextRows(100) == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    }

    @Test("a wrong type is refused by its name, with the remedy", arguments: ["<i8", ">f4", "|u1", "<c8"])
    func wrongType(descr: String) throws {
        let path = try folder.write(npy(descr, shape: "1, 1", values: [0, 0, 0, 0]), to: "x.npy")
        #expect(reason(path).hasPrefix("contains '\(descr)' values; float16, float32 or float64"))
    }

    @Test("a structured type, Fortran order and three dimensions are refused")
    func wrongLayouts() throws {
        let structured = npy("", shape: "1", values: []).split(separator: UInt8(ascii: "'")).joined(separator: [
            0x22
        ])
        #expect(!reason(try folder.write(Array(structured), to: "s.npy")).isEmpty)
        let columns = npy("<f4", shape: "2, 2", order: "True", values: [UInt8](repeating: 0, count: 16))
        #expect(reason(try folder.write(columns, to: "f.npy")).contains("column by column"))
        let cube = npy("<f4", shape: "1, 1, 1", values: [0, 0, 0, 0])
        #expect(reason(try folder.write(cube, to: "c.npy")).contains("3 dimensions"))
    }

    @Test(
        "a header means what it means in Python, however it is spelt",
        arguments: [
            "{'descr':'<f4','fortran_order':False,'shape':(2,2)}",
            "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 2)}",
            "{'shape': (2, 2), 'fortran_order': False, 'descr': '<f4'}\n",
            "{ 'descr' : '<f4' ,\t'fortran_order' : False , 'shape' : ( 2 , 2 , ) , } \n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 2L), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': [2, 2], }",
            "{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
        ])
    func spellings(header: String) throws {
        let numbers: [Float] = [1, -2, 0.5, 4]
        let file = npy(header: header, values: bytes(numbers.map(\.bitPattern)))
        let path = try folder.write(file, to: "x.npy")
        #expect(try NpyMatrixReader(path: path).nextRows(2) == numbers)
        #expect(try NpyMatrixReader(path: path).rows == 2)
    }

    @Test("of one row or one column, the order in which it is stored changes nothing")
    func oneRowOrColumn() throws {
        for shape in ["1, 3", "3, 1", "3,"] {
            let file = npy(
                "<f4", shape: shape, order: "True",
                values: bytes([Float](arrayLiteral: 1, 2, 3).map(\.bitPattern)))
            #expect(try NpyMatrixReader(path: folder.write(file, to: "x.npy")).nextRows(3) == [1, 2, 3])
        }
    }

    @Test(
        "a header that is no dictionary of NumPy's is refused for what is wrong with it",
        arguments: [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)", "not a dictionary"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)} x", "not a dictionary"),
            ("{'descr': '<f4' 'fortran_order': False, 'shape': (2, 2)}", "not a dictionary"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 2)}", "not a dictionary"),
            ("", "not a dictionary"), ("{}", "'unnamed' values"),
            ("{'descr': '<f4', 'shape': (2, 2)}", "does not say"),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2)}", "does not say"),
            ("{'descr': '<f4', 'fortran_order': False}", "no readable shape"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "0 dimensions"),
            ("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", "column by column"),
            (
                "{'descr': [('a', '<f4'), ('b', '<f4', (2,))], 'fortran_order': False, 'shape': (2,)}",
                "'structured'"
            ),
            ("{'fortran_order': False, 'shape': (2, 2)}", "'unnamed' values"),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2)}",
                "impossible shape"
            ),
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': \(String(repeating: "(", count: 5000))",
                "not a dictionary"
            ),
        ])
    func wrongHeaders(header: String, expected: String) throws {
        let found = reason(
            try folder.write(npy(header: header, values: [UInt8](repeating: 0, count: 16)), to: "x.npy"))
        #expect(found.contains(expected), "\(found)")
    }

    @Test("truncated, prolonged and foreign files are refused")
    func damagedFiles() throws {
        let good = npy("<f4", shape: "2, 2", values: [UInt8](repeating: 0, count: 16))
        #expect(reason(try folder.write(good.dropLast(1), to: "a.npy")).contains("truncated"))
        #expect(reason(try folder.write(good + [0], to: "b.npy")).contains("after its end"))
        #expect(reason(try folder.write(Array(good[..<40]), to: "c.npy")).contains("truncated"))
        #expect(reason(try folder.write([], to: "d.npy")).contains("not an .npy file"))
        #expect(
            reason(try folder.write(Array("subject,photo\n".utf8), to: "e.npy")).contains("not an .npy file"))
        let huge = npy("<f4", shape: "9223372036854775807, 9223372036854775807", values: [])
        #expect(reason(try folder.write(huge, to: "g.npy")).contains("impossible shape"))
        #expect(throws: VectorFileError.missing(path: folder.file("h.npy"))) {
            try NpyMatrixReader(path: folder.file("h.npy"))
        }
        #expect(reason(folder.path) == "is a folder, not a regular file")
    }

    @Test("a header cut at any byte is an error, never a crash")
    func everyCut() throws {
        let good = npy("<f4", shape: "1, 1", values: [0, 0, 0, 0])
        for length in 0..<good.count {
            _ = reason(try folder.write(Array(good[..<length]), to: "cut.npy"))
        }
    }
}
