/// Inputs that are nearly right: what finds the mistakes of readers.
public struct Mutations {
    private let seeds: [[UInt8]]
    private var random: SeededGenerator

    /// Numbers at which arithmetic goes wrong.
    private static let edges: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max,
    ]

    /// Mutations of some well-formed inputs.
    public init(of seeds: [[UInt8]], seed: UInt64) {
        self.seeds = seeds
        random = SeededGenerator(seed: seed)
    }

    /// The next input: one of the seeds with one to eight changes.
    public mutating func next() -> [UInt8] {
        var bytes = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...8, using: &random) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = (0..<Int.random(in: 0...16, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            return
        }
        // Heads decide more than bodies.
        let place =
            Bool.random(using: &random)
            ? Int.random(in: 0..<min(bytes.count, 160), using: &random)
            : Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2:
            let value = Self.edges.randomElement(using: &random) ?? 0
            let width = [1, 2, 4, 8].randomElement(using: &random) ?? 4
            for at in 0..<min(width, bytes.count - place) {
                bytes[place + at] = UInt8(truncatingIfNeeded: value >> (8 * at))
            }
        case 3: bytes.removeLast(Int.random(in: 0...min(bytes.count, 200), using: &random))
        case 4: bytes.remove(at: place)
        case 5:
            let count = Int.random(in: 1...64, using: &random)
            bytes.insert(contentsOf: repeatElement(bytes[place], count: count), at: place)
        case 6:
            let other = seeds.randomElement(using: &random) ?? []
            let from = Int.random(in: 0...other.count, using: &random)
            bytes.replaceSubrange(place..., with: other[from...])
        default:
            let end = min(bytes.count, place + Int.random(in: 1...64, using: &random))
            bytes.insert(
                contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &random))
        }
    }
}
