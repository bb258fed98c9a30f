internal import COneDNN

/// A plan's operations for one batch size: primitives, and where in one arena their arrays lie.
///
/// Never changes once made; any number of workspaces may run it at once.
package final class Program: Sendable {
    /// Where an argument of a primitive lies.
    package enum Place: Sendable {
        case buffer(Int)
        case constant(Memory)
    }

    package struct Argument: Sendable {
        package var kind: Int32
        package var descriptor: Descriptor
        package var place: Place

        package init(kind: Int32, descriptor: Descriptor, place: Place) {
            self.kind = kind
            self.descriptor = descriptor
            self.place = place
        }
    }

    package enum Instruction: Sendable {
        case run(Primitive, [Argument], layer: String)
        case clear(buffer: Int)
        /// A kernel over row-major images: `input` and `output` numbers of one.
        case compute(Kernel, from: Int, input: Int, to: Int, output: Int)

        var buffers: [Int] {
            switch self {
            case .clear(let buffer): [buffer]
            case .compute(_, let from, _, let to, _): [from, to]
            case .run(_, let arguments, _):
                arguments.compactMap { if case .buffer(let buffer) = $0.place { buffer } else { nil } }
            }
        }
    }

    let batch: Int
    package let instructions: [Instruction]
    /// Bytes of each buffer, and where it starts in the arena.
    let sizes: [Int]
    let offsets: [Int]
    package let arenaBytes: Int
    package let scratchBytes: Int
    let input: Int
    let outputs: [Int]

    /// - Parameter pins: further moments, as numbers of instructions, at which a buffer's content is needed.
    package init(
        batch: Int, instructions: [Instruction], sizes: [Int], input: Int, outputs: [Int],
        pins: [(buffer: Int, time: Int)] = []
    ) {
        self.batch = batch
        self.instructions = instructions
        self.sizes = sizes
        self.input = input
        self.outputs = outputs
        scratchBytes =
            instructions.map { if case .run(let primitive, _, _) = $0 { primitive.scratch } else { 0 } }.max()
            ?? 0
        (offsets, arenaBytes) = Self.place(
            sizes,
            Self.lifetimes(
                instructions, sizes.count, [(input, -1)] + outputs.map { ($0, instructions.count) } + pins))
    }

    /// The first and last instruction that touches each buffer.
    private static func lifetimes(
        _ instructions: [Instruction], _ count: Int, _ pins: [(buffer: Int, time: Int)]
    ) -> [ClosedRange<Int>] {
        var lives = [ClosedRange<Int>?](repeating: nil, count: count)
        func touch(_ buffer: Int, _ time: Int) {
            let life = lives[buffer] ?? time...time
            lives[buffer] = min(life.lowerBound, time)...max(life.upperBound, time)
        }
        for pin in pins { touch(pin.buffer, pin.time) }
        for (time, instruction) in instructions.enumerated() {
            for buffer in instruction.buffers { touch(buffer, time) }
        }
        return lives.map { $0 ?? 0...0 }
    }

    /// Puts each buffer at the lowest offset that no buffer alive at the same time covers, the largest first.
    private static func place(_ sizes: [Int], _ lives: [ClosedRange<Int>]) -> (offsets: [Int], total: Int) {
        var offsets = [Int](repeating: 0, count: sizes.count)
        var placed: [Int] = []
        var total = 0
        for buffer in sizes.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
            var offset = 0
            let neighbours = placed.filter { lives[$0].overlaps(lives[buffer]) }.sorted {
                offsets[$0] < offsets[$1]
            }
            for neighbour in neighbours where offset + sizes[buffer] > offsets[neighbour] {
                offset = max(offset, aligned(offsets[neighbour] + sizes[neighbour]))
            }
            offsets[buffer] = offset
            placed.append(buffer)
            total = max(total, aligned(offset + sizes[buffer]))
        }
        return (offsets, total)
    }

    /// Rounded up to whole cache lines.
    private static func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
}
