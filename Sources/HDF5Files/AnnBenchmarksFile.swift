package import VectorFiles

/// A data set in the layout of ann-benchmarks: `train` to search among, `test` to search for, `neighbors` as truth.
///
/// The attribute `distance` must be `angular`, whose rows are brought to length 1, or an inner product of rows that
/// have it already.
package struct AnnBenchmarksFile {
    private let file: HDF5File
    private let path: String
    private let isAngular: Bool
    package let references: Int
    package let dimension: Int
    package let probes: Int

    /// Rows read at once.
    private static let block = 1 << 14

    /// Opens such a file.
    ///
    /// - Throws: `.missing`, or `.malformed` where it is not one whose answers an inner product of unit vectors gives.
    package init(path: String) throws(VectorFileError) {
        file = try HDF5File(path: path)
        self.path = path
        let distance = try file.text("distance") ?? "angular"
        guard ["angular", "ip", "dot", "cosine"].contains(distance) else {
            throw .malformed(
                path: path, reason: "has the distance '\(distance)'; angular or an inner product is needed")
        }
        isAngular = distance == "angular" || distance == "cosine"
        let train = try file.shape(of: "train")
        let test = try file.shape(of: "test")
        let truth = try file.shape(of: "neighbors")
        guard !train.isWhole, !test.isWhole, truth.isWhole else {
            throw .malformed(path: path, reason: "train and test must be real numbers, neighbors whole ones")
        }
        guard train.rows > 0, train.columns > 0, test.columns == train.columns, truth.rows == test.rows,
            test.rows > 0, truth.columns > 0
        else {
            throw .malformed(
                path: path,
                reason: "train is \(train.rows) × \(train.columns), test \(test.rows) × \(test.columns), "
                    + "neighbors \(truth.rows) × \(truth.columns): they do not fit together")
        }
        (references, dimension, probes) = (train.rows, train.columns, test.rows)
    }

    /// Writes references, probes and truth as `.npy` matrices, the form that everything else reads.
    ///
    /// - Throws: `.malformed` for a row that has no direction, or of another length than 1 where it must be 1.
    package func write(references: String, probes: String, truth: String) throws(VectorFileError) {
        try write("train", rows: self.references, to: references)
        try write("test", rows: self.probes, to: probes)
        let columns = try file.shape(of: "neighbors").columns
        let values = try file.integers(of: "neighbors", rows: 0..<self.probes)
        if let wrong = values.first(where: { !(0..<Int64(self.references)).contains($0) }) {
            throw .malformed(
                path: path, reason: "neighbors names row \(wrong); train has \(self.references) rows")
        }
        try NpyIntegers(columns: columns, values: values).write(to: truth)
    }

    private func write(_ name: String, rows: Int, to target: String) throws(VectorFileError) {
        let writer = try NpyMatrixWriter(path: target, columns: dimension)
        for first in stride(from: 0, to: rows, by: Self.block) {
            let range = first..<min(rows, first + Self.block)
            var some = try file.floats(of: name, rows: range)
            for row in 0..<range.count {
                let place = row * dimension..<(row + 1) * dimension
                let length = some[place].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
                guard length.isFinite, length > 0, isAngular || abs(length - 1) < 0.01 else {
                    throw .malformed(
                        path: path,
                        reason: "row \(first + row) of \(name) has length \(length); unit vectors are needed")
                }
                for index in place { some[index] = Float(Double(some[index]) / length) }
            }
            try writer.append(some)
        }
        try writer.finish()
    }
}
