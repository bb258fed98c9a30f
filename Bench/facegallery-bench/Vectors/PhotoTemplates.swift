import VectorFiles

/// What a network makes of real photos: `lfw-dev.npy`, unit vectors, and `lfw-dev.txt`, the photo of each row as
/// `Person/photo.jpg`.
struct PhotoTemplates {
    private let matrix: NpyMatrixMap
    /// The photo of each row.
    let photos: [String]

    /// - Throws: `VectorFileError`, or `BenchFault` where the two files do not fit together.
    init(folder: String) throws {
        matrix = try NpyMatrixMap(path: "\(folder)/lfw-dev.npy")
        let names = try NamesReader(path: "\(folder)/lfw-dev.txt")
        var photos: [String] = []
        while let name = try names.next() { photos.append(name) }
        guard photos.count == matrix.rows else {
            throw BenchFault(
                "\(folder): lfw-dev.npy has \(matrix.rows) rows, lfw-dev.txt \(photos.count) lines")
        }
        self.photos = photos
    }

    /// Numbers in a template.
    var dimension: Int { matrix.columns }

    func template(_ row: Int) -> [Float] { matrix.floats(row..<row + 1) }
}
