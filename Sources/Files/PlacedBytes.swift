internal import Glibc

/// Whole reads and writes at an offset, whatever pieces the system gives.
package enum PlacedBytes {
    /// Fills memory from an offset on; returns how many bytes there were, fewer only at the end of the file.
    ///
    /// - Parameter path: for the error.
    package static func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer, path: String
    ) throws(FileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let got = unsafe pread(
                descriptor, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled,
                off_t(offset + filled))
            if got == 0 { break }
            guard got > 0 else {
                if errno == EINTR { continue }
                throw .system(path: path, doing: .reading, code: errno)
            }
            filled += got
        }
        return filled
    }

    /// Up to `count` bytes from an offset on; fewer only at the end of the file.
    package static func read(
        _ descriptor: Int32, at offset: Int, count: Int, path: String
    ) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileError) {
                filled = try unsafe read(
                    descriptor, at: offset, into: UnsafeMutableRawBufferPointer(buffer), path: path)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all bytes of lent memory at an offset.
    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, path: String
    ) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe pwrite(
                descriptor, bytes.baseAddress.map { unsafe $0 + written }, min(bytes.count - written, 1 << 30),
                off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw .system(path: path, doing: .writing, code: count < 0 ? errno : ENOSPC)
            }
            written += count
        }
    }

    /// Writes all bytes at an offset.
    static func write(
        _ bytes: [UInt8], to descriptor: Int32, at offset: Int, path: String
    ) throws(FileError) {
        try unsafe bytes.withUnsafeBufferPointer { bytes throws(FileError) in
            try unsafe write(UnsafeRawBufferPointer(bytes), to: descriptor, at: offset, path: path)
        }
    }
}
