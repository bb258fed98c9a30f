/// Room for the one line in which a C bridge says why it failed.
struct Message {
    private var buffer = [CChar](repeating: 0, count: 512)

    /// Lends the buffer and its capacity to one call of a bridge.
    mutating func receive<Result>(_ call: (UnsafeMutablePointer<CChar>, Int) -> Result) -> Result {
        unsafe buffer.withUnsafeMutableBufferPointer { room in
            guard let start = room.baseAddress else { preconditionFailure("512 places have an address") }
            return unsafe call(start, room.count)
        }
    }

    /// The line, with what is not UTF-8 replaced; `no reason given` where the bridge left none.
    var text: String {
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.isEmpty ? "no reason given" : text
    }
}
