import VectorFiles

/// What a network makes of real photos: those of people with several to enrol and to search, others as strangers.
struct RealFaces {
    let dimension: Int
    /// The first photo of everybody who has several, row-major.
    let enrolled: [Float]
    /// Further photos of each of them.
    let mated: [Float]
    /// The photos of people with one.
    let nonMated: [Float]

    /// Reads `lfw-dev.npy`, unit vectors, and `lfw-dev.txt`, the photo of each row as `Person/photo.jpg`.
    ///
    /// - Parameter perPerson: further photos of each, at most.
    /// - Throws: `VectorFileError`, or `BenchFault` where the two do not fit together.
    init(folder: String, perPerson: Int) throws {
        let matrix = try NpyMatrixMap(path: "\(folder)/lfw-dev.npy")
        let names = try NamesReader(path: "\(folder)/lfw-dev.txt")
        var people: [String: [Int]] = [:]
        var row = 0
        while let name = try names.next() {
            people[String(name.prefix { $0 != "/" }), default: []].append(row)
            row += 1
        }
        guard row == matrix.rows else {
            throw BenchFault("\(folder): lfw-dev.npy has \(matrix.rows) rows, lfw-dev.txt \(row) lines")
        }
        var (enrolled, mated, nonMated): ([Float], [Float], [Float]) = ([], [], [])
        for person in people.keys.sorted() {
            guard let rows = people[person] else { continue }
            if rows.count == 1 {
                nonMated += matrix.floats(rows[0]..<rows[0] + 1)
            } else {
                enrolled += matrix.floats(rows[0]..<rows[0] + 1)
                for other in rows.dropFirst().prefix(perPerson) { mated += matrix.floats(other..<other + 1) }
            }
        }
        (self.enrolled, self.mated, self.nonMated) = (enrolled, mated, nonMated)
        dimension = matrix.columns
    }
}
