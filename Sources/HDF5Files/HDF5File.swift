internal import CHDF5
package import VectorFiles

/// An HDF5 file, of which matrices are read some rows at a time.
///
/// libhdf5 keeps state for the whole process: only one thread at a time may use any of these.
@safe package final class HDF5File {
    let handle: OpaquePointer
    /// Where it is.
    package let path: String

    /// What a matrix consists of.
    package struct Shape: Equatable {
        package var rows: Int
        package var columns: Int
        /// Whole numbers, not real ones.
        package var isWhole: Bool
    }

    /// Numbers that a row may have.
    private static let mostColumns = 1 << 20

    /// Opens a file for reading.
    ///
    /// - Throws: `.missing`, `.system`, or `.malformed` where it is no regular file, or not HDF5.
    package convenience init(path: String) throws(VectorFileError) {
        try self.init(descriptor: openRegularFile(path), path: path)
    }

    /// Reads an open file.
    ///
    /// libhdf5 opens nothing itself, whatever the file refers to.
    ///
    /// - Parameters:
    ///   - descriptor: of a regular file; taken over, and closed also where this throws.
    ///   - path: what errors call it.
    /// - Throws: `.malformed` where it is not HDF5.
    package init(descriptor: Int32, path: String) throws(VectorFileError) {
        var handle: OpaquePointer?
        try unsafe Self.check(path) { message, capacity in
            unsafe chdf5_open(descriptor, &handle, message, capacity)
        }
        guard let handle = unsafe handle else { throw .malformed(path: path, reason: "could not be opened") }
        unsafe self.handle = handle
        self.path = path
    }

    deinit { unsafe chdf5_close(handle) }

    /// The shape of a matrix.
    ///
    /// - Throws: `.malformed` if there is none of this name, or something else.
    package func shape(of name: String) throws(VectorFileError) -> Shape {
        var (rows, columns) = (UInt64(0), UInt64(0))
        var numbers = CHDF5_REAL
        try unsafe Self.check(path) { message, capacity in
            unsafe chdf5_shape(handle, name, &rows, &columns, &numbers, message, capacity)
        }
        guard let rows = Int(exactly: rows), let columns = Int(exactly: columns),
            columns <= Self.mostColumns, !rows.multipliedReportingOverflow(by: max(columns, 1) * 8).overflow
        else {
            throw .malformed(
                path: path,
                reason: "'\(name)' claims \(rows) × \(columns) numbers; a row may have \(Self.mostColumns)")
        }
        return Shape(rows: rows, columns: columns, isWhole: numbers == CHDF5_WHOLE)
    }

    /// Some rows of a matrix of real numbers, row after row.
    ///
    /// - Throws: `.malformed` where it holds others or not so many rows.
    package func floats(of name: String, rows range: Range<Int>) throws(VectorFileError) -> [Float] {
        var values = [Float](repeating: 0, count: range.count * (try shape(of: name)).columns)
        try unsafe values.withUnsafeMutableBufferPointer { buffer throws(VectorFileError) in
            try unsafe read(name, rows: range, into: buffer)
        }
        return values
    }

    /// Puts some rows of a matrix of real numbers into memory, row after row.
    ///
    /// - Throws: `.malformed` where it holds others or not so many rows, or there is no room for them.
    package func read(
        _ name: String, rows range: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws(VectorFileError) {
        guard let start = buffer.baseAddress else { return }
        let room = buffer.count
        try unsafe Self.check(path) { message, capacity in
            unsafe chdf5_read_floats(
                handle, name, UInt64(range.lowerBound), UInt64(range.count), start, room, message, capacity)
        }
    }

    /// Some rows of a matrix of whole numbers, row after row.
    ///
    /// - Throws: `.malformed` where it holds others or not so many rows.
    package func integers(of name: String, rows range: Range<Int>) throws(VectorFileError) -> [Int64] {
        var values = [Int64](repeating: 0, count: range.count * (try shape(of: name)).columns)
        let room = values.count
        try unsafe Self.check(path) { message, capacity in
            unsafe values.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return CHDF5_OK }
                return unsafe chdf5_read_integers(
                    handle, name, UInt64(range.lowerBound), UInt64(range.count), start, room, message, capacity)
            }
        }
        return values
    }

    /// A text attribute of the file, of at most so many bytes; nil if it has none of this name.
    package func text(_ name: String, most: Int = 255) throws(VectorFileError) -> String? {
        var text = [CChar](repeating: 0, count: most + 1)
        let room = text.count
        var isAbsent = false
        try unsafe Self.check(path) { message, capacity in
            let status = unsafe chdf5_text(handle, name, &text, room, message, capacity)
            isAbsent = status == CHDF5_ABSENT
            return isAbsent ? CHDF5_OK : status
        }
        if isAbsent { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func check(
        _ path: String, _ call: (UnsafeMutablePointer<CChar>, Int) -> chdf5_status
    ) throws(VectorFileError) {
        var message = [CChar](repeating: 0, count: 256)
        var status = CHDF5_FAILED
        unsafe message.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { status = unsafe call(start, buffer.count) }
        }
        guard status != CHDF5_OK else { return }
        let reason = String(
            decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        throw .malformed(path: path, reason: reason)
    }
}
