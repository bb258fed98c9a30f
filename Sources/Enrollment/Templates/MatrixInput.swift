package import GalleryModel
package import VectorFiles

/// The rows of a file of vectors, and a file with a name for each.
package final class MatrixInput: TemplateInput {
    private let matrix: any MatrixRows
    private let names: NamesReader
    private let namesPath: String
    private var floats: [Float] = []
    private var block = NameBlock()

    /// Opens both, and compares their lengths before anything is written.
    package init(_ matrix: any MatrixRows, names namesPath: String, dimension: Int) throws {
        self.matrix = matrix
        guard matrix.columns == dimension || matrix.rows == 0 else {
            throw EnrollmentError.rowLength(file: matrix.path, found: matrix.columns, expected: dimension)
        }
        let count = try NamesReader.count(path: namesPath)
        guard count == matrix.rows else {
            throw EnrollmentError.nameCount(
                names: namesPath, found: count, file: matrix.path, rows: matrix.rows)
        }
        names = try NamesReader(path: namesPath)
        self.namesPath = namesPath
    }

    package var origin: String { matrix.path }
    package var total: Int? { matrix.rows }

    package func fill(_ batch: inout TemplateBatch, limit: Int, refuse: (RefusedRow) -> Void) throws -> Int {
        guard matrix.rows > 0 else { return 0 }
        let columns = matrix.columns
        if floats.count != limit * columns { floats = [Float](repeating: 0, count: limit * columns) }
        let first = matrix.position
        let count = try unsafe floats.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
        block.removeAll()
        guard try names.next(count, into: &block) == count else {
            throw EnrollmentError.namesEnded(namesPath)
        }
        unsafe floats.withUnsafeBufferPointer { floats in
            unsafe block.bytes.withUnsafeBytes { names in
                for row in 0..<count {
                    do throws(StoreError) {
                        try unsafe batch.append(
                            template: UnsafeBufferPointer(
                                rebasing: floats[row * columns..<(row + 1) * columns]),
                            subject: UnsafeRawBufferPointer(rebasing: names[block.range(row)]), row: first + row
                        )
                    } catch { refuse(RefusedRow(first + row, error)) }
                }
            }
        }
        return count
    }
}
