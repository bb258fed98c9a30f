package import VectorFiles

/// The rows of the data set `train` of an HDF5 file in ann-benchmarks' layout, whatever else the file holds.
package final class HDF5MatrixReader: MatrixRows {
    /// The data set that holds what is searched among.
    package static let dataset = "train"
    private let file: HDF5File
    package let path: String
    package let rows: Int
    package let columns: Int
    package private(set) var position = 0

    /// Opens such a file.
    ///
    /// - Throws: `.missing`, or `.malformed` where `train` is no matrix of real numbers.
    package convenience init(path: String) throws(VectorFileError) { try self.init(HDF5File(path: path)) }

    /// The rows of an open file.
    ///
    /// - Throws: `.malformed` where `train` is no matrix of real numbers.
    package init(_ file: HDF5File) throws(VectorFileError) {
        self.file = file
        path = file.path
        let shape = try file.shape(of: Self.dataset)
        guard !shape.isWhole else {
            throw .malformed(
                path: path, reason: "'\(Self.dataset)' contains integers; floating-point numbers are needed")
        }
        (rows, columns) = (shape.rows, shape.columns)
    }

    package func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int {
        let count = unsafe nextCount(in: buffer)
        guard count > 0 else { return 0 }
        try unsafe file.read(Self.dataset, rows: position..<position + count, into: buffer)
        position += count
        return count
    }
}
