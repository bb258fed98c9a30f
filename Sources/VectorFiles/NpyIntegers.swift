/// A matrix of whole numbers, such as the row numbers of neighbours, held in memory.
package struct NpyIntegers: Equatable, Sendable {
    package let rows: Int
    package let columns: Int
    /// Row after row.
    package let values: [Int64]

    /// A matrix of `values`, row after row.
    package init(columns: Int, values: [Int64]) {
        precondition(
            columns > 0 && values.count.isMultiple(of: columns), "rows of \(columns) numbers are needed")
        (rows, self.columns, self.values) = (values.count / columns, columns, values)
    }

    /// Reads an `.npy` matrix of int32 or int64 in C order.
    ///
    /// - Throws: `.missing`, or `.malformed` where the header or the file's size is not that of such a matrix.
    package init(path: String) throws(VectorFileError) {
        let file = try OpenFile(path)
        let header = try NpyHeader(file.read(at: 0, count: 65_536), path: path, elements: NpyElement.integers)
        try header.check(size: file.size, path: path)
        let count = header.rows * header.columns
        let bytes = try file.read(at: header.length, count: count * header.element.size)
        guard bytes.count == count * header.element.size else {
            throw .malformed(path: path, reason: "became shorter while it was read")
        }
        (rows, columns) = (header.rows, header.columns)
        values = unsafe bytes.withUnsafeBytes { raw in
            (0..<count).map { place in
                if header.element == .int64 {
                    return unsafe raw.loadUnaligned(fromByteOffset: place * 8, as: Int64.self)
                }
                return Int64(unsafe raw.loadUnaligned(fromByteOffset: place * 4, as: Int32.self))
            }
        }
    }

    /// One row.
    package subscript(row: Int) -> ArraySlice<Int64> { values[row * columns..<(row + 1) * columns] }

    /// Writes the matrix as int64; the file appears under its name only when it is whole.
    package func write(to path: String) throws(VectorFileError) {
        let file = try WholeFile(path: path)
        try unsafe values.withUnsafeBufferPointer { buffer throws(VectorFileError) in
            try unsafe file.write(UnsafeRawBufferPointer(buffer), at: NpyHeader.writtenLength)
        }
        try file.append(NpyHeader.bytes(of: .int64, rows: rows, columns: columns))
        try file.finish()
    }
}
