import Foundation

/// Face-like unit vectors of any number, drawn from statistics of real ones, and real faces to search for.
///
/// A subject's centre is mean + between · z, a face of it centre + within · w, scaled to length 1; z and w are
/// standard normal.
struct FaceLikeVectors {
    private let mean: [Float]
    private let between: [Float]
    private let within: [Float]
    private let photos: [Float]
    private let names: [String]
    private var random: BenchRandom

    private static let dimension = 128

    init(folder: String, seed: UInt64) throws {
        func floats(_ name: String) throws -> [Float] {
            try Self.floats(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).npy")))
        }
        mean = try floats("mean")
        between = try floats("between")
        within = try floats("within")
        photos = try floats("lfw-dev")
        names = try String(contentsOf: URL(fileURLWithPath: "\(folder)/lfw-dev.txt"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
        random = BenchRandom(seed: seed)
    }

    /// `rows` vectors, among them one photo of every person with several, and two sets of probes.
    ///
    /// "mated" are further photos of those persons, "non-mated" the photos of persons with one.
    mutating func world(rows: Int) -> (rows: [Float], probes: [(name: String, rows: [Float])]) {
        var enrolled: [Float] = []
        var mated: [Float] = []
        var nonMated: [Float] = []
        let persons = Dictionary(grouping: names.indices) {
            names[$0].split(separator: "/").first.map(String.init) ?? ""
        }
        for person in persons.keys.sorted() {
            let own = persons[person] ?? []
            if own.count == 1 {
                nonMated += photo(own[0])
            } else {
                enrolled += photo(own[0])
                for other in own.dropFirst().prefix(3) { mated += photo(other) }
            }
        }
        let dimension = Self.dimension
        enrolled = Array(enrolled.prefix(rows * dimension))
        enrolled.reserveCapacity(rows * dimension)
        while enrolled.count < rows * dimension { enrolled += face() }
        return (
            enrolled,
            [
                ("mated", Array(mated.prefix(1_000 * dimension))),
                ("non-mated", Array(nonMated.prefix(1_000 * dimension))),
            ]
        )
    }

    private func photo(_ row: Int) -> ArraySlice<Float> {
        photos[row * Self.dimension..<(row + 1) * Self.dimension]
    }

    private mutating func face() -> [Float] {
        let size = Self.dimension
        let z = random.normals(size)
        let w = random.normals(size)
        var vector = mean
        var squares: Float = 0
        for row in 0..<size {
            var sum: Float = 0
            for column in 0..<size {
                sum += between[row * size + column] * z[column] + within[row * size + column] * w[column]
            }
            vector[row] += sum
            squares += vector[row] * vector[row]
        }
        let length = squares.squareRoot()
        return vector.map { $0 / length }
    }

    /// The float32 numbers of a `.npy` file of version 1, row-major.
    private static func floats(_ data: Data) -> [Float] {
        let bytes = [UInt8](data)
        guard bytes.count > 10 else { return [] }
        let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        return stride(from: start, to: bytes.count - 3, by: 4).map { at in
            Float(
                bitPattern: UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
                    | UInt32(bytes[at + 3]) << 24)
        }
    }
}

extension BenchRandom {
    /// Standard normal numbers.
    mutating func normals(_ count: Int) -> [Float] {
        (0..<count).map { _ in
            var sum: Float = 0
            for _ in 0..<3 {
                let bits = next()
                sum += Float(bits & 0xFFFF) + Float(bits >> 16 & 0xFFFF)
                sum += Float(bits >> 32 & 0xFFFF) + Float(bits >> 48)
            }
            // Twelve uniform numbers have the variance one.
            return sum / 65_536 - 6
        }
    }
}
