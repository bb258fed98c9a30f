import Glibc

/// A float32 `.npy` matrix of any size, mapped: rows in any order, without a copy.
///
/// Safe from any thread. The file must not be made shorter meanwhile.
@safe package final class NpyMatrixMap: @unchecked Sendable {
    // Unchecked: the mapped bytes are only read, and unmapped when nobody holds the map.
    private let bytes: UnsafeRawBufferPointer
    private let start: UnsafePointer<Float>?
    package let rows: Int
    package let columns: Int

    /// Maps a matrix.
    ///
    /// - Throws: `.missing`, or `.malformed` where the header or the file's size is not that of a float32 matrix in
    ///   C order, or its numbers do not lie at multiples of four bytes.
    package init(path: String) throws(VectorFileError) {
        let file = try OpenFile(path)
        let header = try NpyHeader(file.read(at: 0, count: 65_536), path: path, elements: [.float32])
        try header.check(size: file.size, path: path)
        guard header.length.isMultiple(of: MemoryLayout<Float>.alignment) else {
            throw .malformed(path: path, reason: "has a header of odd length; write it with numpy.save")
        }
        let bytes = try unsafe file.map()
        guard bytes.count == header.length + header.rows * header.columns * header.element.size else {
            if let start = bytes.baseAddress { unsafe munmap(.init(mutating: start), bytes.count) }
            throw .malformed(path: path, reason: "changed while it was opened")
        }
        (rows, columns) = (header.rows, header.columns)
        unsafe start = bytes.baseAddress.map { unsafe ($0 + header.length).assumingMemoryBound(to: Float.self) }
        unsafe self.bytes = bytes
    }

    deinit {
        if let start = unsafe bytes.baseAddress { unsafe munmap(.init(mutating: start), bytes.count) }
    }

    /// Lends some rows, row-major.
    package func withRows<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows 0..<\(rows) are there")
        let start = unsafe start.map { unsafe $0 + range.lowerBound * columns }
        return try withExtendedLifetime(self) { () throws(Failure) in
            try unsafe body(UnsafeBufferPointer(start: start, count: range.count * columns))
        }
    }

    /// Where a row lies; good while this map is kept.
    package func row(_ row: Int) -> UnsafePointer<Float>? {
        guard row >= 0, row < rows else { return nil }
        return unsafe start.map { unsafe $0 + row * columns }
    }

    /// A copy of some rows, row-major.
    package func floats(_ range: Range<Int>) -> [Float] {
        unsafe withRows(range) { unsafe Array($0) }
    }
}
