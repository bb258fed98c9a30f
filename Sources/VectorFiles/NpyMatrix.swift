/// Reads the rows of an `.npy` matrix in order, a block at a time, as float32.
///
/// Memory: one block. Not for use from two threads at once.
package final class NpyMatrixReader {
    private let file: OpenFile
    private let header: NpyHeader
    /// Rows read so far.
    package private(set) var position = 0

    /// Opens a matrix of float16, float32 or float64 in C order.
    ///
    /// - Throws: `.missing`, or `.malformed` where the header or the file's size is not that of such a matrix.
    package init(path: String) throws(VectorFileError) {
        file = try OpenFile.reading(path)
        header = try NpyHeader(file.read(at: 0, count: 65_536), path: path)
        try header.check(size: file.size, path: path)
    }

    package var rows: Int { header.rows }
    package var columns: Int { header.columns }
    package var element: NpyElement { header.element }

    /// The next rows, at most `limit`, row after row; empty at the end.
    package func nextRows(_ limit: Int) throws(VectorFileError) -> [Float] {
        let count = min(limit, rows - position)
        guard count > 0, columns > 0 else { return [] }
        let rowSize = columns * header.element.size
        let bytes = try file.read(at: header.length + position * rowSize, count: count * rowSize)
        guard bytes.count == count * rowSize else {
            throw .malformed(path: file.path, reason: "became shorter while it was read")
        }
        position += count
        return unsafe bytes.withUnsafeBytes { raw in
            switch header.element {
            case .float16:
                unsafe Self.floats(raw, UInt16.self) { Float(Float16(bitPattern: UInt16(littleEndian: $0))) }
            case .float32: unsafe Self.floats(raw, UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) }
            case .float64:
                unsafe Self.floats(raw, UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
            case .int32, .int64: preconditionFailure("integers are refused when the file is opened")
            }
        }
    }

    private static func floats<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ raw: UnsafeRawBufferPointer, _ type: Bits.Type, _ value: (Bits) -> Float
    ) -> [Float] {
        let count = raw.count / MemoryLayout<Bits>.size
        return unsafe [Float](unsafeUninitializedCapacity: count) { out, filled in
            for index in 0..<count {
                let bits = unsafe raw.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
                unsafe out.initializeElement(at: index, to: value(bits))
            }
            filled = count
        }
    }
}

/// Writes a float32 `.npy` matrix row by row; the file appears under its name only when it is whole.
package final class NpyMatrixWriter {
    private let file: OpenFile
    private let columns: Int
    /// Rows written so far.
    package private(set) var rows = 0
    private var isPublished = false

    /// Begins a matrix with rows of `columns` numbers.
    package init(path: String, columns: Int) throws(VectorFileError) {
        file = try OpenFile.writing(aside: path)
        self.columns = columns
    }

    deinit {
        if !isPublished { file.discard() }
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
        try file.write(NpyHeader.bytes(of: .float32, rows: rows, columns: columns), at: 0)
        try file.publish()
        isPublished = true
    }
}
