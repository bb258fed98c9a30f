import Glibc

/// A file's bytes, read at places that the file itself names: a place outside gives nil, never a trap.
@safe
struct Bytes {
    private let base: UnsafeRawBufferPointer
    /// How many there are.
    let count: Int

    /// - Parameter base: must outlive this value.
    @unsafe init(_ base: UnsafeRawBufferPointer) {
        unsafe self.base = base
        count = base.count
    }

    subscript(place: Int) -> UInt8? {
        place >= 0 && place < count ? unsafe base[place] : nil
    }

    /// The number of 1 to 8 bytes at a place, the most significant byte first unless told otherwise; nil beyond the
    /// file's end, or where it is beyond `Int`.
    func number(at place: Int, bytes size: Int, littleEndian: Bool = false) -> Int? {
        guard place >= 0, size <= count, place <= count - size else { return nil }
        var value: UInt64 = 0
        for step in 0..<size {
            value = value << 8 | UInt64(unsafe base[place + (littleEndian ? size - 1 - step : step)])
        }
        return Int(exactly: value)
    }

    /// Whether ASCII characters stand at a place.
    func reads(_ text: StaticString, at place: Int) -> Bool {
        let size = text.utf8CodeUnitCount
        guard place >= 0, size <= count, place <= count - size else { return false }
        return (0..<size).allSatisfy { unsafe base[place + $0] == text.utf8Start[$0] }
    }

    /// The first place of a byte at or after another; nil if there is none.
    func firstPlace(of byte: UInt8, from place: Int) -> Int? {
        guard place >= 0, place < count, let start = unsafe base.baseAddress,
            let found = unsafe memchr(start + place, Int32(byte), count - place)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - start
    }

    /// The place `length` bytes on; nil beyond the file's end, which itself is a place.
    func place(_ length: Int, after place: Int) -> Int? {
        length >= 0 && place >= 0 && place <= count && length <= count - place ? place + length : nil
    }
}
