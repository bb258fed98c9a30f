internal import FoundationEssentials
internal import Glibc
internal import GalleryModel
package import VectorFiles

/// References as bytes between two processes of one program, in the machine's order.
///
/// Each part is the number of its bytes, 32 bits, and the bytes: first the header as JSON, then a part per reference,
/// all of its numbers before its texts:
///
///     id, enrolled                    64 bits each
///     flags                           8 bits: 1 = has a digest, 2 = has a quality
///     digest                          32 bytes, if there is one
///     face size, sharpness, yaw, roll, score    64 bits each, if there is a quality
///     subject, source, metadata       the number of its bytes, 32 bits, and the bytes; metadata as JSON
///     template                        32 bits each, to the end
package enum ReferenceStream {
    /// Bytes of a part: a reference that a gallery takes has a fifth of that, JSON's escapes included.
    static let longestPart = 4 << 20

    /// The bytes that a stream begins with.
    package static func begin(_ header: ReferenceFileHeader) throws -> [UInt8] {
        let text = try [UInt8](JSONEncoder().encode(header))
        var bytes: [UInt8] = []
        append(UInt32(text.count), to: &bytes)
        return bytes + text
    }

    /// Adds the bytes of a reference.
    ///
    /// - Throws: `.malformed` for one that is longer than any that a gallery takes.
    package static func append(
        _ reference: FileReference, to bytes: inout [UInt8], path: String
    ) throws(VectorFileError) {
        let start = bytes.count
        append(UInt32(0), to: &bytes)
        append(reference.id, to: &bytes)
        append(reference.enrolled.bitPattern, to: &bytes)
        bytes.append((reference.sourceDigest == nil ? 0 : 1) + (reference.quality == nil ? 0 : 2))
        if let digest = reference.sourceDigest {
            guard digest.count == NewReference.digestSize else {
                throw .malformed(
                    path: path, reason: "reference \(reference.id) has a digest of \(digest.count) bytes")
            }
            bytes += digest
        }
        if let quality = reference.quality {
            append(Int64(quality.faceSize), to: &bytes)
            for number in [quality.sharpness, quality.yaw, quality.roll, quality.score] {
                append(number.bitPattern, to: &bytes)
            }
        }
        for text in [reference.subject, reference.source, reference.metadataText] {
            guard let count = UInt32(exactly: text.utf8.count) else { throw tooLong(reference, path) }
            append(count, to: &bytes)
            bytes += text.utf8
        }
        unsafe reference.template.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        let count = bytes.count - start - 4
        guard count <= longestPart else { throw tooLong(reference, path) }
        for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: UInt32(count) >> (8 * place)) }
    }

    private static func tooLong(_ reference: FileReference, _ path: String) -> VectorFileError {
        .malformed(path: path, reason: "reference \(reference.id) has over \(longestPart) bytes")
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}

/// Reads a `ReferenceStream`.
///
/// The other process may have been taken over by a file: each number is checked before it is used. What a reference
/// holds is for the caller to check. Memory: two blocks, or the longest part.
package final class ReferenceStreamReader: ReferenceReader {
    package let header: ReferenceFileHeader
    private let name: String
    private var taken = 0
    private var buffer: PartBuffer

    /// Reads the header from a descriptor of the caller's; errors call it `name`.
    package init(descriptor: Int32, name: String) throws(VectorFileError) {
        self.name = name
        buffer = PartBuffer(descriptor: descriptor, name: name)
        guard let part = try buffer.next(),
            let header = try? JSONDecoder().decode(ReferenceFileHeader.self, from: Data(part))
        else { throw .malformed(path: name, reason: "is not read: its reader gave no header") }
        if let fault = header.fault { throw .malformed(path: name, reason: fault) }
        self.header = header
    }

    package func next() throws(VectorFileError) -> FileReference? {
        guard let part = try buffer.next() else {
            guard taken == header.references else {
                throw .malformed(
                    path: name,
                    reason: "ends after \(taken) of \(header.references) references; the file is incomplete")
            }
            return nil
        }
        guard taken < header.references else {
            throw .malformed(path: name, reason: "has more than its \(header.references) references")
        }
        guard let reference = FileReference(part, dimension: header.dimension) else {
            throw .malformed(path: name, reason: "row \(taken) was not transferred completely")
        }
        taken += 1
        return reference
    }
}

/// Cuts what a descriptor gives into parts.
private struct PartBuffer {
    private static let blockSize = 1 << 18

    let descriptor: Int32
    let name: String
    private var bytes: [UInt8] = []
    private var pending = 0..<0

    init(descriptor: Int32, name: String) { (self.descriptor, self.name) = (descriptor, name) }

    /// The next part; nil if the stream ends here, between two parts.
    mutating func next() throws(VectorFileError) -> ArraySlice<UInt8>? {
        guard try fill(4) else {
            guard pending.isEmpty else { throw cutOff }
            return nil
        }
        let place = pending.lowerBound
        let count = (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        guard count <= ReferenceStream.longestPart else {
            throw .malformed(path: name, reason: "a part of \(count) bytes was handed over")
        }
        guard try fill(4 + count) else { throw cutOff }
        let start = pending.lowerBound + 4
        pending = start + count..<pending.upperBound
        return bytes[start..<start + count]
    }

    private var cutOff: VectorFileError { .malformed(path: name, reason: "was not transferred completely") }

    /// Reads until `count` bytes are pending; false if the stream ends first.
    private mutating func fill(_ count: Int) throws(VectorFileError) -> Bool {
        guard pending.count < count else { return true }
        if pending.lowerBound > 0 {
            unsafe bytes.withUnsafeMutableBytes { [pending] bytes in
                guard let base = bytes.baseAddress else { return }
                unsafe memmove(base, base + pending.lowerBound, pending.count)
            }
            pending = 0..<pending.count
        }
        if bytes.count < count {
            bytes += [UInt8](repeating: 0, count: max(count, Self.blockSize) - bytes.count)
        }
        while pending.count < count {
            let got = unsafe bytes.withUnsafeMutableBytes { [pending] bytes in
                unsafe read(
                    descriptor, bytes.baseAddress.map { unsafe $0 + pending.count }, bytes.count - pending.count
                )
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw .system(path: name, operation: "read", code: errno) }
            guard got > 0 else { return false }
            pending = 0..<pending.count + got
        }
        return true
    }
}

extension FileReference {
    /// The reference in a part; nil if no writer makes such a part.
    fileprivate init?(_ part: ArraySlice<UInt8>, dimension: Int) {
        var fields = PartFields(rest: part)
        guard let id = fields.integer(), let enrolled = fields.double(), let flags = fields.bytes(1)?.first,
            flags < 4
        else { return nil }
        var digest: [UInt8]?
        if flags & 1 != 0 {
            guard let bytes = fields.bytes(NewReference.digestSize) else { return nil }
            digest = Array(bytes)
        }
        var quality: ReferenceQuality?
        if flags & 2 != 0 {
            guard let size = fields.integer(), let sharpness = fields.double(), let yaw = fields.double(),
                let roll = fields.double(), let score = fields.double()
            else { return nil }
            quality = ReferenceQuality(
                faceSize: Int(size), sharpness: sharpness, yaw: yaw, roll: roll, score: score)
        }
        guard let subject = fields.text(), let source = fields.text(), let text = fields.text(),
            let metadata = FileReference.metadata(in: text), let template = fields.template(dimension)
        else { return nil }
        self.init(
            subject: subject, id: id, source: source, enrolled: enrolled, quality: quality,
            sourceDigest: digest, metadata: metadata, template: template)
    }
}

/// Takes the fields of a part, front to back; nil if too little is left.
private struct PartFields {
    var rest: ArraySlice<UInt8>

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func bits(_ count: Int) -> UInt64? {
        bytes(count)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func integer() -> Int64? { bits(8).map { Int64(bitPattern: $0) } }

    mutating func double() -> Double? { bits(8).map { Double(bitPattern: $0) } }

    mutating func text() -> String? {
        guard let count = bits(4), let bytes = bytes(Int(count)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The rest of the part as `count` numbers; nil if it holds more or fewer.
    mutating func template(_ count: Int) -> [Float]? {
        guard rest.count == 4 * count else { return nil }
        return unsafe rest.withUnsafeBytes { bytes in
            unsafe [Float](unsafeUninitializedCapacity: count) { numbers, filled in
                unsafe UnsafeMutableRawBufferPointer(numbers).copyMemory(from: bytes)
                filled = count
            }
        }
    }
}
