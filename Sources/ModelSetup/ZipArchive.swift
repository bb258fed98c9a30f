internal import CZlib

/// A ZIP archive in memory, such as a wheel of PyPI's; APPNOTE.TXT 6.3 by PKWARE describes the format.
///
/// Reads what wheels have: members that are stored or deflated, of less than 4 GiB, without encryption.
struct ZipArchive {
    /// Why an archive cannot be read.
    struct Fault: Error, Equatable {
        let reason: String
    }

    private struct Member {
        let name: [UInt8]
        let method: Int
        let isEncrypted: Bool
        let packed: Int
        let size: Int
        let checksum: UInt32
        let header: Int
    }

    private let bytes: [UInt8]
    private let members: [Member]

    private static let endRecord = 22
    private static let longestComment = 65_535

    /// Reads the list of members, at the end of the archive.
    init(_ bytes: [UInt8]) throws(Fault) {
        self.bytes = bytes
        guard bytes.count >= Self.endRecord,
            let end = stride(
                from: bytes.count - Self.endRecord,
                through: max(0, bytes.count - Self.endRecord - Self.longestComment), by: -1
            ).first(where: { Self.number(bytes, $0, 4) == 0x0605_4b50 })
        else { throw Fault(reason: "is no ZIP archive") }
        let count = Self.number(bytes, end + 10, 2)
        var place = Self.number(bytes, end + 16, 4)
        var members: [Member] = []
        for _ in 0..<count {
            guard place <= bytes.count - 46, Self.number(bytes, place, 4) == 0x0201_4b50 else {
                throw Fault(reason: "has a damaged list of files")
            }
            let nameLength = Self.number(bytes, place + 28, 2)
            guard place + 46 + nameLength <= bytes.count else {
                throw Fault(reason: "has a damaged list of files")
            }
            members.append(
                Member(
                    name: Array(bytes[(place + 46)..<(place + 46 + nameLength)]),
                    method: Self.number(bytes, place + 10, 2),
                    isEncrypted: Self.number(bytes, place + 8, 2) & 1 == 1,
                    packed: Self.number(bytes, place + 20, 4), size: Self.number(bytes, place + 24, 4),
                    checksum: UInt32(truncatingIfNeeded: Self.number(bytes, place + 16, 4)),
                    header: Self.number(bytes, place + 42, 4)))
            place += 46 + nameLength + Self.number(bytes, place + 30, 2) + Self.number(bytes, place + 32, 2)
        }
        self.members = members
    }

    /// The bytes of a member; nil where the archive has none of this name.
    ///
    /// O(members + size).
    ///
    /// - Parameter limit: bytes that the member can have.
    func contents(of name: String, limit: Int) throws(Fault) -> [UInt8]? {
        guard let member = members.first(where: { $0.name.elementsEqual(name.utf8) }) else { return nil }
        guard !member.isEncrypted, member.size <= limit else {
            throw Fault(reason: "holds \(name) encrypted, or larger than \(limit) bytes")
        }
        guard member.header <= bytes.count - 30, Self.number(bytes, member.header, 4) == 0x0403_4b50 else {
            throw Fault(reason: "is damaged at \(name)")
        }
        let start =
            member.header + 30 + Self.number(bytes, member.header + 26, 2)
            + Self.number(bytes, member.header + 28, 2)
        guard start + member.packed <= bytes.count else { throw Fault(reason: "ends within \(name)") }
        let packed = Array(bytes[start..<(start + member.packed)])
        let plain: [UInt8]? =
            switch member.method {
            case 0: packed
            case 8: Self.inflate(packed, size: member.size)
            default: nil
            }
        guard let plain, plain.count == member.size, Self.checksum(plain) == member.checksum else {
            throw Fault(reason: "is damaged at \(name), or packed in a way that is not read here")
        }
        return plain
    }

    /// Unpacks a raw deflate stream (RFC 1951) of a known size; nil where it is another.
    private static func inflate(_ packed: [UInt8], size: Int) -> [UInt8]? {
        var stream = unsafe z_stream()
        let isReady = unsafe inflateInit2_(
            &stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard isReady == Z_OK else { return nil }
        defer { unsafe inflateEnd(&stream) }
        var packed = packed
        var end = Z_STREAM_ERROR
        let plain = unsafe [UInt8](unsafeUninitializedCapacity: size) { plain, count in
            unsafe packed.withUnsafeMutableBufferPointer { packed in
                unsafe stream.next_in = packed.baseAddress
                unsafe stream.avail_in = UInt32(packed.count)
                unsafe stream.next_out = plain.baseAddress
                unsafe stream.avail_out = UInt32(size)
                unsafe end = CZlib.inflate(&stream, Z_FINISH)
                unsafe count = size - Int(stream.avail_out)
            }
        }
        return end == Z_STREAM_END ? plain : nil
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe UInt32(truncatingIfNeeded: crc32_z(0, bytes.baseAddress, bytes.count))
        }
    }

    /// A little-endian number of so many bytes; 0 past the end.
    private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        guard place >= 0, place + count <= bytes.count else { return 0 }
        return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
}
