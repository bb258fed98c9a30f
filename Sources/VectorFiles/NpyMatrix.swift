/// Reads the rows of an `.npy` matrix in order, a block at a time, as float32.
///
/// Memory: one block. Not for use from two threads at once.
package final class NpyMatrixReader: MatrixRows {
    private let file: OpenFile
    private let header: NpyHeader
    /// Rows read so far.
    package private(set) var position = 0

    /// Opens a matrix of float16, float32 or float64 in C order.
    ///
    /// - Throws: `.missing`, or `.malformed` where the header or the file's size is not that of such a matrix.
    package init(path: String) throws(VectorFileError) {
        file = try OpenFile(path)
        header = try NpyHeader(file.read(at: 0, count: 65_536), path: path)
        try header.check(size: file.size, path: path)
    }

    package var path: String { file.path }
    package var rows: Int { header.rows }
    package var columns: Int { header.columns }
    package var element: NpyElement { header.element }

    /// The next rows, at most `limit`, row after row; empty at the end.
    package func nextRows(_ limit: Int) throws(VectorFileError) -> [Float] {
        let count = min(limit, rows - position)
        guard count > 0, columns > 0 else { return [] }
        var failure: VectorFileError?
        let floats = unsafe [Float](unsafeUninitializedCapacity: count * columns) { buffer, filled in
            do throws(VectorFileError) { filled = try unsafe next(into: buffer) * columns } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return floats
    }

    package func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int {
        let count = unsafe nextCount(in: buffer)
        guard count > 0, let target = buffer.baseAddress else { return 0 }
        let rowSize = columns * header.element.size
        let offset = header.length + position * rowSize
        if header.element == .float32 {
            let bytes = unsafe UnsafeMutableRawBufferPointer(start: target, count: count * rowSize)
            guard try unsafe file.read(at: offset, into: bytes) == bytes.count else { throw shortened }
        } else {
            let bytes = try file.read(at: offset, count: count * rowSize)
            guard bytes.count == count * rowSize else { throw shortened }
            let numbers: DiskNumbers = header.element == .float16 ? .float16 : .float64
            unsafe bytes.withUnsafeBytes { raw in
                guard let start = raw.baseAddress else { return }
                unsafe numbers.convert(start, count: count * columns, to: target)
            }
        }
        position += count
        return count
    }

    private var shortened: VectorFileError {
        .malformed(path: file.path, reason: "became shorter while it was read")
    }
}

/// Writes a float32 `.npy` matrix row by row; the file appears under its name only when it is whole.
package final class NpyMatrixWriter {
    private let file: WholeFile
    private let columns: Int
    /// Rows written so far.
    package private(set) var rows = 0

    /// Begins a matrix with rows of `columns` numbers.
    package init(path: String, columns: Int) throws(VectorFileError) {
        file = try WholeFile(path: path)
        self.columns = columns
    }

    /// Adds whole rows.
    package func append(_ values: [Float]) throws(VectorFileError) {
        precondition(
            columns > 0 && values.count.isMultiple(of: columns), "rows of \(columns) numbers are needed")
        try unsafe values.withUnsafeBufferPointer { buffer throws(VectorFileError) in try unsafe append(buffer)
        }
    }

    /// Adds whole rows from memory that the caller lends.
    package func append(_ values: UnsafeBufferPointer<Float>) throws(VectorFileError) {
        precondition(
            columns > 0 && values.count.isMultiple(of: columns), "rows of \(columns) numbers are needed")
        let place = NpyHeader.writtenLength + rows * columns * MemoryLayout<Float>.size
        // The bytes of a number stand in a file as in memory on every machine that Swift runs on.
        precondition(1.littleEndian == 1, "a machine with the least byte first is needed")
        try unsafe file.write(UnsafeRawBufferPointer(values), at: place)
        rows += values.count / columns
    }

    /// Completes the file, makes it durable and gives it its name.
    package func finish() throws(VectorFileError) {
        try file.append(NpyHeader.bytes(of: .float32, rows: rows, columns: columns))
        try file.finish()
    }
}
