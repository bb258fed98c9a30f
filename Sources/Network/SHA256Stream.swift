/// A SHA-256 digest of bytes that come some at a time.
public struct SHA256Stream: Sendable {
    private var state = SHA256.initialState
    private var tail: [UInt8] = []
    private var count = 0

    /// The digest of nothing yet.
    public init() {}

    /// Adds bytes; O(count).
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += bytes.count
        var rest = unsafe bytes[...]
        if !tail.isEmpty {
            let some = unsafe rest.prefix(64 - tail.count)
            unsafe tail.append(contentsOf: some)
            unsafe rest = rest.dropFirst(some.count)
            guard tail.count == 64 else { return }
            unsafe tail.withUnsafeBytes { block in
                if let start = block.baseAddress {
                    unsafe SHA256.fold(&state, start, blocks: 1, by: SHA256.fastest)
                }
            }
            tail.removeAll(keepingCapacity: true)
        }
        let whole = unsafe UnsafeRawBufferPointer(rebasing: rest)
        let blocks = whole.count / 64
        if blocks > 0, let start = whole.baseAddress {
            unsafe SHA256.fold(&state, start, blocks: blocks, by: SHA256.fastest)
        }
        unsafe tail.append(contentsOf: whole[(blocks * 64)...])
    }

    /// Adds bytes; O(count).
    public mutating func add(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe add($0) }
    }

    /// The digest of all that was added, 32 bytes.
    public func digest() -> [UInt8] {
        var last = self
        let bits = UInt64(count) * 8
        var end: [UInt8] = [0x80]
        while (tail.count + end.count) % 64 != 56 { end.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            end.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        last.add(end)
        return (0..<32).map { UInt8(truncatingIfNeeded: last.state[$0 / 4] >> (24 - 8 * UInt32($0 % 4))) }
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public func hex() -> String {
        digest().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
