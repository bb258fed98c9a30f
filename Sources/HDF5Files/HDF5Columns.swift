internal import CHDF5
package import VectorFiles

/// What the entries of a column are.
package enum HDF5Kind: Sendable {
    case float32, float64, int64, byte, text

    var raw: chdf5_kind {
        switch self {
        case .float32: CHDF5_FLOAT32
        case .float64: CHDF5_FLOAT64
        case .int64: CHDF5_INT64
        case .byte: CHDF5_BYTE
        case .text: CHDF5_TEXT
        }
    }
}

/// A number that a column may hold.
package protocol HDF5Number: BitwiseCopyable, Sendable {
    static var hdf5Kind: HDF5Kind { get }
    static var hdf5Zero: Self { get }
}

extension Float: HDF5Number {
    package static var hdf5Kind: HDF5Kind { .float32 }
    package static var hdf5Zero: Float { 0 }
}

extension Double: HDF5Number {
    package static var hdf5Kind: HDF5Kind { .float64 }
    package static var hdf5Zero: Double { 0 }
}

extension Int64: HDF5Number {
    package static var hdf5Kind: HDF5Kind { .int64 }
    package static var hdf5Zero: Int64 { 0 }
}

extension UInt8: HDF5Number {
    package static var hdf5Kind: HDF5Kind { .byte }
    package static var hdf5Zero: UInt8 { 0 }
}

extension HDF5File {
    /// The rows of a column, and its columns; 0 for a vector.
    ///
    /// - Throws: `.malformed` if there is none of this name and kind, or it is outside of the file.
    package func column(
        _ name: String, _ kind: HDF5Kind
    ) throws(VectorFileError) -> (rows: Int, columns: Int) {
        var (rows, columns) = (UInt64(0), UInt64(0))
        try unsafe Self.check(path) { message, capacity in
            unsafe chdf5_column(handle, name, kind.raw, &rows, &columns, message, capacity)
        }
        guard let rows = Int(exactly: rows), let columns = Int(exactly: columns) else {
            throw .malformed(path: path, reason: "'\(name)' claims an impossible shape")
        }
        return (rows, columns)
    }

    /// Some rows of a column of numbers, `width` a row.
    ///
    /// - Throws: `.malformed` where it has others or not so many.
    package func numbers<Number: HDF5Number>(
        _ name: String, rows: Range<Int>, width: Int, as type: Number.Type
    ) throws(VectorFileError) -> [Number] {
        var values = [Number](repeating: .hdf5Zero, count: rows.count * width)
        let room = values.count
        try unsafe Self.check(path) { message, capacity in
            unsafe values.withUnsafeMutableBytes { buffer in
                guard let start = buffer.baseAddress else { return CHDF5_OK }
                return unsafe chdf5_read(
                    handle, name, type.hdf5Kind.raw, UInt64(rows.lowerBound), UInt64(rows.count), start, room,
                    message, capacity)
            }
        }
        return values
    }

    /// Some texts; nil if they have more bytes together than `most`.
    ///
    /// - Throws: `.malformed` where there are not so many, or one is no UTF-8.
    package func texts(
        _ name: String, rows: Range<Int>, most: Int
    ) throws(VectorFileError) -> [String]? {
        var texts: [String?] = []
        var isTooLong = false
        try unsafe Self.check(path) { message, capacity in
            let status = unsafe withUnsafeMutablePointer(to: &texts) { context in
                unsafe chdf5_read_texts(
                    handle, name, UInt64(rows.lowerBound), UInt64(rows.count), most,
                    { context, text in
                        guard let context = unsafe context else { return }
                        unsafe context.assumingMemoryBound(to: [String?].self).pointee
                            .append(String(validatingCString: text))
                    }, context, message, capacity)
            }
            isTooLong = status == CHDF5_TOO_LONG
            return isTooLong ? CHDF5_OK : status
        }
        if isTooLong { return nil }
        var valid: [String] = []
        for (row, text) in texts.enumerated() {
            guard let text else {
                throw .malformed(
                    path: path, reason: "row \(rows.lowerBound + row) of '\(name)' is not UTF-8 text")
            }
            valid.append(text)
        }
        return valid
    }

    /// A whole number that is an attribute of the file.
    ///
    /// - Throws: `.malformed` where it has none of this name.
    package func integer(_ name: String) throws(VectorFileError) -> Int64 {
        var value: Int64 = 0
        try unsafe Self.check(path) { message, capacity in
            unsafe chdf5_integer(handle, name, &value, message, capacity)
        }
        return value
    }
}

/// An HDF5 file of columns in the making.
///
/// libhdf5 keeps state for the whole process: only one thread at a time may use any of these.
@safe package final class HDF5Writer {
    // Safe: the handle is given back once, by `finish` or `deinit`.
    private var handle: OpaquePointer?
    private let path: String

    /// Begins to write an empty file.
    ///
    /// - Parameters:
    ///   - descriptor: open for reading and writing; the caller closes it.
    ///   - path: what errors call it.
    package init(descriptor: Int32, path: String) throws(VectorFileError) {
        var handle: OpaquePointer?
        try unsafe HDF5File.check(path) { message, capacity in
            unsafe chdf5_create(descriptor, &handle, message, capacity)
        }
        unsafe self.handle = handle
        self.path = path
    }

    deinit {
        guard let handle = unsafe handle else { return }
        var message = [CChar](repeating: 0, count: 2)
        _ = unsafe chdf5_finish(handle, &message, 2)
    }

    private func call(
        _ body: (OpaquePointer, UnsafeMutablePointer<CChar>, Int) -> chdf5_status
    ) throws(VectorFileError) {
        guard let handle = unsafe handle else { preconditionFailure("the file is finished") }
        do throws(VectorFileError) {
            try unsafe HDF5File.check(path) { message, capacity in
                unsafe body(handle, message, capacity)
            }
        } catch {
            // What libhdf5 cannot write is no matter of what was to be written.
            guard case .malformed(_, let reason) = error else { throw error }
            throw .malformed(path: path, reason: "could not be written: \(reason)")
        }
    }

    /// Adds a column of `rows` entries; a vector where `columns` is 0.
    package func add(_ name: String, _ kind: HDF5Kind, rows: Int, columns: Int = 0) throws(VectorFileError) {
        try unsafe call { handle, message, capacity in
            unsafe chdf5_add(handle, name, kind.raw, UInt64(rows), UInt64(columns), message, capacity)
        }
    }

    /// Writes numbers, row after row, from row `first` on.
    package func write<Number: HDF5Number>(
        _ name: String, first: Int, width: Int = 1, _ values: [Number]
    ) throws(VectorFileError) {
        try unsafe call { handle, message, capacity in
            unsafe values.withUnsafeBytes { buffer in
                guard let start = buffer.baseAddress else { return CHDF5_OK }
                return unsafe chdf5_write(
                    handle, name, Number.hdf5Kind.raw, UInt64(first), UInt64(values.count / width), start,
                    message, capacity)
            }
        }
    }

    /// Writes texts from row `first` on.
    ///
    /// - Throws: `.malformed` for a text with a zero in it, which this layout ends with.
    package func write(_ name: String, first: Int, _ texts: [String]) throws(VectorFileError) {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            guard !text.utf8.contains(0) else {
                throw .malformed(
                    path: path, reason: "a text with a zero byte cannot be written; use JSON Lines")
            }
            starts.append(bytes.count)
            bytes += text.utf8.map { CChar(bitPattern: $0) } + [0]
        }
        try unsafe call { handle, message, capacity in
            unsafe bytes.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return CHDF5_OK }
                let pointers: [UnsafePointer<CChar>?] = unsafe starts.map { unsafe base + $0 }
                return unsafe pointers.withUnsafeBufferPointer { pointers in
                    guard let start = pointers.baseAddress else { return CHDF5_OK }
                    return unsafe chdf5_write(
                        handle, name, CHDF5_TEXT, UInt64(first), UInt64(texts.count), start, message, capacity)
                }
            }
        }
    }

    /// Adds a text as an attribute of the file.
    package func set(_ name: String, _ text: String) throws(VectorFileError) {
        try unsafe call { handle, message, capacity in
            unsafe chdf5_set_text(handle, name, text, message, capacity)
        }
    }

    /// Adds a whole number as an attribute of the file.
    package func set(_ name: String, _ value: Int64) throws(VectorFileError) {
        try unsafe call { handle, message, capacity in
            unsafe chdf5_set_integer(handle, name, value, message, capacity)
        }
    }

    /// Completes the file.
    package func finish() throws(VectorFileError) {
        try unsafe call { handle, message, capacity in
            let status = unsafe chdf5_finish(handle, message, capacity)
            unsafe self.handle = nil
            return status
        }
    }
}
