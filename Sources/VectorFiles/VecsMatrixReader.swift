/// Reads `.fvecs` and `.bvecs`, the files of texmex's data sets: before each row stands its size, an int32, and all
/// rows have the same.
package final class VecsMatrixReader: MatrixRows {
    private static let blockSize = 1 << 20
    private let file: OpenFile
    private let numbers: DiskNumbers
    package let rows: Int
    package let columns: Int
    package private(set) var position = 0

    package var path: String { file.path }

    /// Opens such a file; its ending tells float32 (`.fvecs`) from bytes (`.bvecs`).
    ///
    /// - Throws: `.missing`, or `.malformed` where the file's size is not that of rows as long as the first.
    package init(path: String) throws(VectorFileError) {
        file = try OpenFile(path)
        numbers = path.hasSuffix(".bvecs") ? .byte : .float32
        let size = try file.size
        guard size > 0 else {
            (rows, columns) = (0, 0)
            return
        }
        let head = try file.read(at: 0, count: 4)
        columns = head.count == 4 ? Self.rowSize(head[...]) : 0
        guard columns > 0, columns <= 1 << 20 else {
            throw .malformed(
                path: path, reason: "begins with a row of \(columns) numbers; it is not a file of vectors")
        }
        let stride = 4 + columns * numbers.size
        rows = size / stride
        guard rows * stride == size else {
            throw .malformed(
                path: path,
                reason:
                    "has \(size) bytes, which is not a multiple of the \(stride) bytes of a row; it is truncated "
                    + "or its rows differ in size")
        }
    }

    private static func rowSize(_ bytes: ArraySlice<UInt8>) -> Int {
        Int(Int32(truncatingIfNeeded: bytes.reversed().reduce(0) { $0 << 8 | Int($1) }))
    }

    package func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int {
        let wanted = unsafe nextCount(in: buffer)
        guard wanted > 0, let target = buffer.baseAddress else { return 0 }
        let stride = 4 + columns * numbers.size
        var done = 0
        while done < wanted {
            let count = min(wanted - done, max(1, Self.blockSize / stride))
            let block = try file.read(at: (position + done) * stride, count: count * stride)
            guard block.count == count * stride else {
                throw .malformed(path: path, reason: "became shorter while it was read")
            }
            for row in 0..<count {
                let size = Self.rowSize(block[row * stride..<row * stride + 4])
                guard size == columns else {
                    throw .malformed(
                        path: path,
                        reason:
                            "row \(position + done + row) claims \(size) numbers where the first has \(columns)"
                    )
                }
                unsafe block.withUnsafeBytes { raw in
                    guard let start = raw.baseAddress else { return }
                    unsafe numbers.convert(
                        start + row * stride + 4, count: columns, to: target + (done + row) * columns)
                }
            }
            done += count
        }
        position += wanted
        return wanted
    }
}
