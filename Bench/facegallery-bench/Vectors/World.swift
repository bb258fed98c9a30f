import VectorFiles

/// References to search among, and probes whose subjects are among them or are not.
struct World: Sendable {
    let rows: Int
    let dimension: Int
    private let population: any Population
    private let threads: Int
    private let real: RealFaces?
    /// Where the real faces stand among the references.
    private let realRows: [Int]

    /// Rows made and written at once.
    private static let block = 1 << 15

    /// - Parameters:
    ///   - real: enrolled at places that `seed` chooses, in the place of synthetic ones.
    ///   - realWithin: those places are among so many first rows; among all without it.
    /// - Throws: `BenchFault` where real faces do not fit among the references.
    init(
        rows: Int, population: any Population, real: RealFaces?, seed: UInt64, threads: Int,
        realWithin: Int? = nil
    ) throws {
        (self.rows, self.population, self.real, self.threads) = (rows, population, real, threads)
        dimension = population.dimension
        var places: [Int] = []
        if let real {
            let people = real.enrolled.count / dimension
            let room = min(rows, realWithin ?? rows)
            guard real.dimension == dimension, people <= room else {
                throw BenchFault(
                    "\(people) people of \(real.dimension) dimensions do not fit among \(room) references of "
                        + "\(dimension)")
            }
            // Every row with the chance that is left: as many places as people, in order.
            let key = NumberKey(seed: seed).part(-2)
            for row in 0..<room where key.part(row).below(room - row) < people - places.count {
                places.append(row)
            }
        }
        realRows = places
    }

    /// Real people among the references.
    var realPeople: Int { realRows.count }

    /// Writes all references to an `.npy` matrix.
    func writeReferences(to path: String) throws {
        let writer = try NpyMatrixWriter(path: path, columns: dimension)
        try unsafe forEachBlock { rows in try unsafe writer.append(rows) }
        try writer.finish()
    }

    /// Hands out all references in order, a block at a time.
    private func forEachBlock(_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        let block = FloatBuffer(count: min(rows, Self.block) * dimension)
        for first in stride(from: 0, to: rows, by: Self.block) {
            let count = min(Self.block, rows - first)
            let piece = 256
            inParallel((count + piece - 1) / piece, threads: threads) { part in
                let range = part * piece..<min(count, (part + 1) * piece)
                unsafe population.fill(
                    block.part(range.lowerBound * dimension..<range.upperBound * dimension),
                    first: first + range.lowerBound, photo: 0)
            }
            enrolReal(in: block, first: first, count: count)
            try unsafe body(UnsafeBufferPointer(rebasing: block.all[..<(count * dimension)]))
        }
    }

    private func enrolReal(in block: FloatBuffer, first: Int, count: Int) {
        guard let real else { return }
        for (person, row) in realRows.enumerated() where (first..<first + count).contains(row) {
            for place in 0..<dimension {
                unsafe block.all[(row - first) * dimension + place] = real.enrolled[person * dimension + place]
            }
        }
    }

    /// Further photos of subjects that are enrolled, at most `count`, row-major.
    ///
    /// - Parameter first: subjects among so many first references; among all without it.
    func matedProbes(_ count: Int, among first: Int? = nil) -> [Float] {
        if let real { return evenly(real.mated, count) }
        let room = first ?? rows
        let subjects = (0..<min(count, room)).map { $0 * room / min(count, room) }
        return population.rows(of: subjects, photo: 1)
    }

    /// Photos of subjects that are not enrolled, at most `count`, row-major.
    func nonMatedProbes(_ count: Int) -> [Float] {
        if let real { return evenly(real.nonMated, count) }
        return population.strangers(count)
    }

    private func evenly(_ photos: [Float], _ count: Int) -> [Float] {
        let total = photos.count / dimension
        let kept = min(count, total)
        return (0..<kept).flatMap { index in
            let photo = index * total / kept
            return photos[photo * dimension..<(photo + 1) * dimension]
        }
    }
}
