/// The rows of a file of vectors, in order, as float32.
///
/// Memory: one block. Not for use from two threads at once.
public protocol MatrixRows: AnyObject {
    /// The file, as the user typed it.
    var path: String { get }
    /// Rows in all.
    var rows: Int { get }
    /// Numbers in a row.
    var columns: Int { get }
    /// Rows read so far.
    var position: Int { get }

    /// Puts the next rows, as many as there is room for, into `buffer`, row after row; returns how many, 0 at the end.
    func next(into buffer: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) -> Int
}

extension MatrixRows {
    /// How many of the rows that are left a buffer has room for.
    package func nextCount(in buffer: UnsafeMutableBufferPointer<Float>) -> Int {
        columns > 0 ? min(buffer.count / columns, rows - position) : 0
    }
}

/// Numbers on disk that become float32.
enum DiskNumbers {
    case byte, float16, float32, float64

    var size: Int {
        switch self {
        case .byte: 1
        case .float16: 2
        case .float32: 4
        case .float64: 8
        }
    }

    /// Turns numbers, little-endian, into floats.
    func convert(_ raw: UnsafeRawPointer, count: Int, to floats: UnsafeMutablePointer<Float>) {
        for index in 0..<count {
            let at = unsafe raw + index * size
            switch self {
            case .byte: unsafe floats[index] = Float(at.load(as: UInt8.self))
            case .float16:
                unsafe floats[index] = Float(
                    Float16(bitPattern: UInt16(littleEndian: at.loadUnaligned(as: UInt16.self))))
            case .float32:
                unsafe floats[index] = Float(
                    bitPattern: UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)))
            case .float64:
                unsafe floats[index] = Float(
                    Double(bitPattern: UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))))
            }
        }
    }
}
