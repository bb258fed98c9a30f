import TemplateStore
import VectorFiles

/// Where given templates with their subjects come from, a batch at a time.
protocol TemplateInput: AnyObject {
    /// What the user calls it; references have the source `origin:row`.
    var origin: String { get }
    /// Rows in all; nil where that is not known before the end.
    var total: Int? { get }

    /// Whether something can be read, or the end be seen, within so many seconds.
    func hasMore(within seconds: Double) -> Bool

    /// Fills an empty batch with the next rows, at most `limit`; returns how many rows were read, 0 at the end.
    ///
    /// Rows that cannot be stored are handed to `refuse`.
    func fill(_ batch: inout TemplateBatch, limit: Int, refuse: (RefusedRow) -> Void) throws -> Int
}

extension TemplateInput {
    /// A file has all that it will have.
    func hasMore(within seconds: Double) -> Bool { true }
}

/// A row of an input that cannot be enrolled.
struct RefusedRow: Sendable {
    /// Its number, as in the source of a reference.
    let row: Int
    let reason: RefusalReason
    /// What is wrong with it.
    let fault: String
    var measured: Double?
    var limit: Double?

    init(_ row: Int, _ reason: RefusalReason, _ fault: String) {
        (self.row, self.reason, self.fault) = (row, reason, fault)
    }

    init(_ row: Int, _ error: StoreError) {
        switch error {
        case .badVector(_, .dimension(let expected, let found)):
            self.init(row, dimension: found, expected: expected)
        // Without the place it had in a batch.
        case .badVector(_, let problem): self.init(row, .badTemplate, "\(problem)")
        case .invalidName: self.init(row, .badName, "\(error)")
        default: self.init(row, .badEntry, "\(error)")
        }
    }

    init(_ row: Int, dimension: Int, expected: Int) {
        self.init(
            row, .wrongDimension,
            "its embedding has \(dimension) numbers, the gallery's templates have \(expected)")
        (measured, limit) = (Double(dimension), Double(expected))
    }
}

/// The rows of a file of vectors, and a file with a name for each.
final class MatrixInput: TemplateInput {
    private let matrix: any MatrixRows
    private let names: NamesReader
    private var floats: [Float] = []
    private var block = NameBlock()

    /// Opens both, and compares their lengths before anything is written.
    init(embeddings: String, names namesPath: String, dimension: Int) throws {
        matrix = try Self.rows(of: embeddings)
        guard matrix.columns == dimension || matrix.rows == 0 else {
            throw CommandFailure(
                "\(embeddings): rows have \(matrix.columns) numbers, the gallery's templates have \(dimension)",
                .badData)
        }
        let count = try NamesReader.count(path: namesPath)
        guard count == matrix.rows else {
            throw CommandFailure(
                "\(namesPath) holds \(count) names for the \(matrix.rows) rows of \(embeddings); "
                    + "a name a row is needed, and nothing was enrolled", .badData)
        }
        names = try NamesReader(path: namesPath)
    }

    var origin: String { matrix.path }
    var total: Int? { matrix.rows }

    /// The format is told by the ending.
    static func rows(of path: String) throws -> any MatrixRows {
        switch path.split(separator: ".").last.map({ $0.lowercased() }) {
        case "fvecs", "bvecs": try VecsMatrixReader(path: path)
        case "hdf5", "h5": try IsolatedMatrix(path: path)
        default: try NpyMatrixReader(path: path)
        }
    }

    func fill(_ batch: inout TemplateBatch, limit: Int, refuse: (RefusedRow) -> Void) throws -> Int {
        guard matrix.rows > 0 else { return 0 }
        let columns = matrix.columns
        if floats.count != limit * columns { floats = [Float](repeating: 0, count: limit * columns) }
        let first = matrix.position
        let count = try unsafe floats.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
        block.removeAll()
        guard try names.next(count, into: &block) == count else {
            throw CommandFailure("the file of names became shorter while it was read", .badData)
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
