internal import Files
internal import Glibc
internal import Network
package import VectorFiles

/// The last 40 bytes of a file of ours: eight letters, and the SHA-256 of all bytes before them.
package enum FileSeal {
    private static let mark = Array("FGSHA256".utf8)
    package static let size = 40
    private static let blockSize = 1 << 20

    /// The seal for the bytes that are in a file now.
    package static func of(_ path: String) throws(VectorFileError) -> [UInt8] {
        let descriptor = try openRegularFile(path)
        defer { close(descriptor) }
        return mark + (try digest(descriptor, upTo: size(of: descriptor, path), path))
    }

    /// Refuses a file that does not end with the seal of its bytes.
    ///
    /// - Throws: `.malformed`, `.system`.
    /// - Complexity: O(bytes).
    package static func check(_ descriptor: Int32, path: String) throws(VectorFileError) {
        let place = try size(of: descriptor, path) - Self.size
        guard place > 0, case let seal = try read(descriptor, at: place, Self.size, path),
            seal.starts(with: mark)
        else {
            throw .malformed(
                path: path,
                reason: "is not a complete export of references: the checksum at its end is missing")
        }
        guard seal[mark.count...].elementsEqual(try digest(descriptor, upTo: place, path)) else {
            throw .malformed(path: path, reason: "was changed since it was exported: its checksum is wrong")
        }
    }

    private static func size(of descriptor: Int32, _ path: String) throws(VectorFileError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(path: path, operation: "read", code: errno)
        }
        return Int(status.st_size)
    }

    private static func digest(
        _ descriptor: Int32, upTo end: Int, _ path: String
    ) throws(VectorFileError) -> [UInt8] {
        var stream = SHA256Stream()
        for first in stride(from: 0, to: end, by: blockSize) {
            stream.add(try read(descriptor, at: first, min(blockSize, end - first), path))
        }
        return stream.digest()
    }

    private static func read(
        _ descriptor: Int32, at offset: Int, _ count: Int, _ path: String
    ) throws(VectorFileError) -> [UInt8] {
        let bytes = try reading { () throws(FileError) in
            try PlacedBytes.read(descriptor, at: offset, count: count, path: path)
        }
        guard bytes.count == count else { throw .system(path: path, operation: "read", code: EIO) }
        return bytes
    }
}
