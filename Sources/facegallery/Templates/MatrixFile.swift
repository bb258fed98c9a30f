import IsolatedHDF5
import VectorFiles

/// The rows of a file of vectors, whose format is told by its ending.
func matrixRows(of path: String) throws -> any MatrixRows {
    switch path.split(separator: ".").last.map({ $0.lowercased() }) {
    case "fvecs", "bvecs": try VecsMatrixReader(path: path)
    case "hdf5", "h5": try IsolatedMatrix(path: path)
    default: try NpyMatrixReader(path: path)
    }
}
