internal import GalleryModel

extension ReferenceRecord {
    /// Bytes that a record has by what it says of itself; nil if its fixed part is cut off or unknown.
    static func size(of value: RecordValue) -> Int? {
        guard value.available >= fixedSize else { return nil }
        let flags = UInt16(truncatingIfNeeded: value.number16(24))
        guard flags & ~knownFlags == 0 else { return nil }
        var size = fixedSize + value.number16(sourceSizeOffset)
        if flags & hasDigest != 0 { size += NewReference.digestSize }
        if flags & hasQuality != 0 { size += qualitySize }
        if flags & hasStamp != 0 { size += stampSize }
        if flags & hasMetadata != 0 {
            let place = size - value.number16(sourceSizeOffset)
            guard value.available >= place + 4 else { return nil }
            let metadata = value.number16(place) | value.number16(place + 2) << 16
            guard metadata <= NewReference.longestMetadata else { return nil }
            size += 4 + metadata
        }
        return size
    }

    /// Whether the numbers of a record of the right size are such as can be stored.
    static func hasSoundNumbers(_ value: RecordValue) -> Bool {
        let flags = UInt16(truncatingIfNeeded: value.number16(24))
        guard 1...UInt64(Format.highestNumber) ~= value.number64(subjectOffset),
            NewReference.times.contains(value.double(16))
        else { return false }
        guard flags & hasQuality != 0 else { return true }
        let place = fixedSize + (flags & hasDigest == 0 ? 0 : NewReference.digestSize)
        return stride(from: place + 4, to: place + qualitySize, by: 8).allSatisfy { at in
            Format.qualities.contains(value.double(at))
        }
    }
}
