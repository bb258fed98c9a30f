internal import GalleryModel

/// The bytes of one LMDB page, and where its parts are.
///
/// Every read is bounded by the bytes there are: a wrong offset traps in debug and release builds alike, so callers
/// check before they read, and a check that is missing cannot reach other memory.
struct Page {
    static let headerSize = 16
    static let branch = 0x01, leaf = 0x02, overflow = 0x04
    /// Flags of a record: its value has pages of its own, or is the record of a tree.
    static let bigData = 0x01, subTree = 0x02
    /// LMDB's longest key.
    static let longestKey = 511

    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct Node {
        var offset: Int
        var flags: Int
        var keySize: Int
        var dataSize: Int
        var key: Range<Int> { offset + 8..<offset + 8 + keySize }
        var dataOffset: Int { offset + 8 + keySize }
    }

    var number: UInt64 { number64(0) }
    var flags: Int { number16(10) }
    var lower: Int { number16(12) }
    var upper: Int { number16(14) }
    var nodes: Int { (lower - Self.headerSize) / 2 }
    /// Pages of a value, on the first of them.
    var overflowPages: Int { number16(12) | number16(14) << 16 }

    func number16(_ offset: Int) -> Int {
        Int(unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
    func number64(_ offset: Int) -> UInt64 {
        unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self).shown }

    /// Record `index`, nil when its head and key are not inside the page's record area.
    func node(_ index: Int) -> Node? {
        let offset = number16(Self.headerSize + 2 * index)
        guard offset >= upper, offset % 2 == 0, offset + 8 <= bytes.count else { return nil }
        let size = number16(offset) | number16(offset + 2) << 16
        let node = Node(
            offset: offset, flags: number16(offset + 4), keySize: number16(offset + 6), dataSize: size)
        return node.dataOffset <= bytes.count && node.keySize <= Self.longestKey ? node : nil
    }

    /// The page a branch record refers to: 48 bits, where leaves keep their size and flags.
    func child(_ node: Node) -> UInt64 { UInt64(node.dataSize) | UInt64(node.flags) << 32 }

    /// Whether the bytes of a key are above, equal to or below other bytes, as LMDB orders plain keys.
    func order(_ key: Range<Int>, _ other: [UInt8]) -> Int {
        let count = min(key.count, other.count)
        for place in 0..<count where bytes[key.lowerBound + place] != other[place] {
            return bytes[key.lowerBound + place] < other[place] ? -1 : 1
        }
        return key.count - other.count
    }
}

/// LMDB's record of one tree, 48 bytes: in a meta page, or the value of a named database.
struct TreeRecord {
    static let size = 48
    static let noPage = UInt64.max
    static let integerKey = 0x08

    let flags: Int
    let depth: Int
    let branchPages: UInt64
    let leafPages: UInt64
    let overflowPages: UInt64
    let entries: UInt64
    let root: UInt64

    /// Reads the record that begins at `offset`.
    init(_ page: Page, at offset: Int) {
        flags = page.number16(offset + 4)
        depth = page.number16(offset + 6)
        branchPages = page.number64(offset + 8)
        leafPages = page.number64(offset + 16)
        overflowPages = page.number64(offset + 24)
        entries = page.number64(offset + 32)
        root = page.number64(offset + 40)
    }

    var hasIntegerKeys: Bool { flags & Self.integerKey != 0 }
}
