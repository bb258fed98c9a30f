import Network
import Testing

@Suite("SHA-256 of bytes that come some at a time") struct SHA256StreamTests {
    @Test(
        "is that of all at once, wherever they are cut", arguments: [0, 1, 55, 56, 63, 64, 65, 127, 128, 1_000])
    func cuts(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) }
        for step in [1, 7, 63, 64, 65, 1_024] {
            var stream = SHA256Stream()
            var first = 0
            while first < count {
                stream.add(Array(bytes[first..<min(count, first + step)]))
                first += step
            }
            #expect(stream.hex() == SHA256.hex(of: bytes))
            #expect(stream.digest() == SHA256.digest(of: bytes))
        }
    }
}
