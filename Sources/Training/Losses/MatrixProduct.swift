internal import COneDNN

/// A row-major matrix and whether it is to be read across.
struct Matrix {
    var values: [Float]
    var rows: Int
    var columns: Int
    var isTransposed = false

    /// The same numbers read across.
    var transposed: Matrix { Matrix(values: values, rows: rows, columns: columns, isTransposed: !isTransposed) }

    private var height: Int { isTransposed ? columns : rows }
    private var width: Int { isTransposed ? rows : columns }

    /// The matrix product, row-major.
    ///
    /// - Precondition: this one's width is the other's height.
    func times(_ other: Matrix) throws(TrainingError) -> [Float] {
        precondition(width == other.height && values.count == rows * columns)
        precondition(other.values.count == other.rows * other.columns)
        let (m, n, k) = (height, other.width, width)
        // One thread: losses are a thousandth of a step's work, and are then the same for every --threads.
        let threads = omp_get_max_threads()
        omp_set_num_threads(1)
        defer { omp_set_num_threads(threads) }
        var status = dnnl_success
        // Safe: the three buffers hold m × k, k × n and m × n floats, as checked above.
        let product = unsafe [Float](unsafeUninitializedCapacity: m * n) { result, count in
            unsafe values.withUnsafeBufferPointer { left in
                unsafe other.values.withUnsafeBufferPointer { right in
                    status = unsafe dnnl_sgemm(
                        isTransposed ? cT : cN, other.isTransposed ? cT : cN,
                        dnnl_dim_t(m), dnnl_dim_t(n), dnnl_dim_t(k),
                        1, left.baseAddress, dnnl_dim_t(columns), right.baseAddress, dnnl_dim_t(other.columns),
                        0, result.baseAddress, dnnl_dim_t(n))
                }
            }
            count = status == dnnl_success ? m * n : 0
        }
        guard status == dnnl_success else {
            throw .refused(call: "dnnl_sgemm", layer: "loss", status: Int(status.rawValue))
        }
        return product
    }
}

private let cN = CChar(UInt8(ascii: "N"))
private let cT = CChar(UInt8(ascii: "T"))
