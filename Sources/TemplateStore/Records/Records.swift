internal import GalleryModel

/// Byte layout of every record; `docs/format.md` is the description for readers in other languages.
enum Format {
    static let version = 1
    /// Of galleries that keep chips, which a program that knows none must not change.
    static let versionWithChips = 2
    static let magic: UInt32 = 0x4C41_4746  // "FGAL"
    /// The highest number that a reference, a subject or a removal can have: sums of a few stay below 2⁶³.
    static let highestNumber: Int64 = 1 << 60
    /// Numbers that no quality of a photo exceeds.
    static let qualities = -1e12...1e12
    static let settingsKey = "settings"
    static let countersKey = "counters"
    static let followerKey = "follower"
    static let importKey = "import"
    /// Before the checksum of a former name, in eight hexadecimal digits.
    static let formerPrefix = "former:"
    /// Before the name of a note.
    static let notePrefix = "note:"
}

#if !_endian(little)
    #error("galleries are little-endian, and so is every CPU this is built for")
#endif

/// Appends little-endian numbers and bytes to a record.
struct RecordBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append<T: FixedWidthInteger>(_ number: T) {
        var value = number.littleEndian
        unsafe withUnsafeBytes(of: &value) { unsafe bytes.append(contentsOf: $0) }
    }
    mutating func append(_ number: Double) { append(number.bitPattern) }
    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
    mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }
    mutating func append(_ more: UnsafeRawBufferPointer) { unsafe bytes.append(contentsOf: more) }
    /// Appends a colon and the digits of a number, 0 or more.
    mutating func append(decimal number: Int) {
        bytes.append(UInt8(ascii: ":"))
        let start = bytes.count
        var rest = number
        repeat {
            bytes.insert(UInt8(ascii: "0") + UInt8(rest % 10), at: start)
            rest /= 10
        } while rest > 0
    }
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Writes the size of a reference's source into the place it has in the record.
    mutating func setSourceSize(_ size: Int) {
        bytes[ReferenceRecord.sourceSizeOffset] = UInt8(truncatingIfNeeded: size)
        bytes[ReferenceRecord.sourceSizeOffset + 1] = UInt8(truncatingIfNeeded: size >> 8)
    }

    /// Writes the checksum of `key` and all bytes behind the first four into the first four.
    mutating func seal(key: UInt64) {
        var checksum = CRC32()
        checksum.add(key)
        unsafe bytes.withUnsafeBytes { unsafe checksum.add(UnsafeRawBufferPointer(rebasing: $0[4...])) }
        let value = checksum.value
        for i in 0..<4 { bytes[i] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(i))) }
    }
}

extension UnsafeRawBufferPointer {
    func number<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
        unsafe T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }
    func double(_ offset: Int) -> Double { unsafe Double(bitPattern: number(offset, as: UInt64.self)) }
    func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: self[offset..<offset + count])
    }
    func text(_ offset: Int, _ count: Int) -> String? {
        unsafe String(validating: slice(offset, count), as: UTF8.self)
    }

    /// Whether the record's first four bytes are the checksum of `key` and the rest.
    func isSealed(key: UInt64) -> Bool {
        guard count >= 4 else { return false }
        var checksum = CRC32()
        checksum.add(key)
        unsafe checksum.add(slice(4, count - 4))
        return unsafe checksum.value == number(0, as: UInt32.self)
    }
}

/// Checksum of a vector under its id.
func vectorChecksum(_ id: ReferenceID, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var checksum = CRC32()
    checksum.add(UInt64(bitPattern: id))
    unsafe checksum.add(bytes)
    return checksum.value
}

/// The numbers that only grow.
struct Counters: Equatable {
    var highestReference: UInt64 = 0
    var highestSubject: UInt64 = 0
    var removals: UInt64 = 0

    static let size = 28

    func encoded() -> [UInt8] {
        var record = RecordBytes()
        record.append(UInt32(0))
        record.append(highestReference)
        record.append(highestSubject)
        record.append(removals)
        record.seal(key: 0)
        return record.bytes
    }

    init() {}

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Counters.size, unsafe bytes.isSealed(key: 0) else { return nil }
        highestReference = unsafe bytes.number(4, as: UInt64.self)
        highestSubject = unsafe bytes.number(12, as: UInt64.self)
        removals = unsafe bytes.number(20, as: UInt64.self)
        // Counting continues from these numbers, so they must leave room below the largest integer.
        let highest = UInt64(Format.highestNumber)
        guard highestReference < highest, highestSubject < highest, removals <= highestReference else {
            return nil
        }
    }
}

/// The record of one reference.
struct ReferenceRecord {
    static let fixedSize = 28
    static let qualitySize = 36
    static let subjectOffset = 8
    static let sourceSizeOffset = 26
    static let hasDigest: UInt16 = 1
    static let hasQuality: UInt16 = 2
    static let hasMetadata: UInt16 = 4
    static let hasStamp: UInt16 = 8
    static let hasChip: UInt16 = 16
    static let knownFlags = hasDigest | hasQuality | hasMetadata | hasStamp | hasChip
    static let stampSize = 16

    var reference: Reference
    var vectorChecksum: UInt32

    /// Writes the record of `new` under `id` to `record`, which is emptied first.
    static func encode(
        id: ReferenceID, subject: SubjectNumber, enrolled: Double, source: String, digest: [UInt8]?,
        quality: ReferenceQuality?, stamp: SourceStamp? = nil, metadata: [UInt8]? = nil,
        hasChip: Bool = false, vectorChecksum: UInt32, to record: inout RecordBytes
    ) {
        begin(
            subject: subject, enrolled: enrolled, vectorChecksum: vectorChecksum,
            flags: (digest == nil ? 0 : hasDigest) | (quality == nil ? 0 : hasQuality)
                | (metadata == nil ? 0 : hasMetadata) | (stamp == nil ? 0 : hasStamp)
                | (hasChip ? Self.hasChip : 0), &record)
        if let digest { record.append(digest) }
        if let quality {
            record.append(Int32(clamping: quality.faceSize))
            for number in [quality.sharpness, quality.yaw, quality.roll, quality.score] {
                record.append(number)
            }
        }
        if let stamp {
            record.append(stamp.size)
            record.append(stamp.modified)
        }
        if let metadata {
            record.append(UInt32(metadata.count))
            record.append(metadata)
        }
        let start = record.bytes.count
        record.append(source)
        record.setSourceSize(record.bytes.count - start)
        record.seal(key: UInt64(bitPattern: id))
    }

    /// The part of fixed size, but for its checksum and the size of the source.
    private static func begin(
        subject: SubjectNumber, enrolled: Double, vectorChecksum: UInt32, flags: UInt16,
        _ record: inout RecordBytes
    ) {
        record.removeAll()
        record.append(UInt32(0))
        record.append(vectorChecksum)
        record.append(subject)
        record.append(enrolled)
        record.append(flags)
        record.append(UInt16(0))
    }

    /// As above, of a given template with the source `origin:row`.
    static func encode(
        id: ReferenceID, subject: SubjectNumber, enrolled: Double, origin: [UInt8], row: Int,
        vectorChecksum: UInt32, to record: inout RecordBytes
    ) {
        begin(subject: subject, enrolled: enrolled, vectorChecksum: vectorChecksum, flags: 0, &record)
        record.append(origin)
        record.append(decimal: row)
        record.setSourceSize(record.bytes.count - fixedSize)
        record.seal(key: UInt64(bitPattern: id))
    }

    func encode(to record: inout RecordBytes) {
        ReferenceRecord.encode(
            id: reference.id, subject: reference.subject, enrolled: reference.enrolled,
            source: reference.source,
            digest: reference.sourceDigest, quality: reference.quality, stamp: reference.sourceStamp,
            metadata: MetadataText.encode(reference.metadata), hasChip: reference.hasChip,
            vectorChecksum: vectorChecksum, to: &record)
    }

    init(_ reference: Reference, vectorChecksum: UInt32) {
        self.reference = reference
        self.vectorChecksum = vectorChecksum
    }

    /// Nil when the bytes are no such record or their checksum is wrong.
    init?(id: ReferenceID, _ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.fixedSize, unsafe bytes.isSealed(key: UInt64(bitPattern: id)) else {
            return nil
        }
        let flags = unsafe bytes.number(24, as: UInt16.self)
        let sourceSize = Int(unsafe bytes.number(26, as: UInt16.self))
        let digestSize = flags & Self.hasDigest == 0 ? 0 : NewReference.digestSize
        let qualitySize = flags & Self.hasQuality == 0 ? 0 : Self.qualitySize
        let stampSize = flags & Self.hasStamp == 0 ? 0 : Self.stampSize
        // Where what comes before the metadata ends.
        var end = Self.fixedSize + digestSize + qualitySize + stampSize
        guard flags & ~Self.knownFlags == 0, bytes.count >= end + sourceSize,
            let source = unsafe bytes.text(bytes.count - sourceSize, sourceSize)
        else { return nil }
        var metadata: [String: String] = [:]
        if flags & Self.hasMetadata != 0 {
            guard bytes.count - sourceSize >= end + 4 else { return nil }
            let size = Int(unsafe bytes.number(end, as: UInt32.self))
            guard size <= NewReference.longestMetadata, bytes.count == end + 4 + size + sourceSize,
                let decoded = unsafe MetadataText.decode(bytes.slice(end + 4, size))
            else { return nil }
            metadata = decoded
            end += 4 + size
        }
        guard bytes.count == end + sourceSize else { return nil }
        var quality: ReferenceQuality?
        if qualitySize > 0 {
            let at = Self.fixedSize + digestSize
            quality = unsafe ReferenceQuality(
                faceSize: Int(bytes.number(at, as: Int32.self)), sharpness: bytes.double(at + 4),
                yaw: bytes.double(at + 12), roll: bytes.double(at + 20), score: bytes.double(at + 28))
        }
        guard unsafe bytes.double(16).isFinite, quality?.isFinite ?? true else { return nil }
        var stamp: SourceStamp?
        if stampSize > 0 {
            let at = Self.fixedSize + digestSize + qualitySize
            stamp = unsafe SourceStamp(
                size: bytes.number(at, as: Int64.self), modified: bytes.number(at + 8, as: Int64.self))
        }
        reference = unsafe Reference(
            id: id, subject: bytes.number(Self.subjectOffset, as: UInt64.self), source: source,
            sourceDigest: digestSize == 0 ? nil : [UInt8](bytes.slice(Self.fixedSize, digestSize)),
            sourceStamp: stamp, quality: quality, metadata: metadata, enrolled: bytes.double(16),
            hasChip: flags & Self.hasChip != 0)
        vectorChecksum = unsafe bytes.number(4, as: UInt32.self)
    }
}

/// The record of one subject: checksum and name.
enum SubjectRecord {
    static func encode(number: SubjectNumber, name: String, to record: inout RecordBytes) {
        record.removeAll()
        record.append(UInt32(0))
        record.append(name)
        record.seal(key: number)
    }

    static func encode(number: SubjectNumber, name: UnsafeRawBufferPointer, to record: inout RecordBytes) {
        record.removeAll()
        record.append(UInt32(0))
        unsafe record.append(name)
        record.seal(key: number)
    }

    static func name(number: SubjectNumber, _ bytes: UnsafeRawBufferPointer) -> String? {
        guard unsafe bytes.isSealed(key: number) else { return nil }
        return unsafe bytes.text(4, bytes.count - 4)
    }
}
