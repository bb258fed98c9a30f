import Foundation
import VectorFiles
import VectorIndex

/// The index under measurement: the one place where it is built, opened, asked and searched.
struct Engine: Sendable {
    let index: VectorIndex
    /// What building took.
    let build: BuildRecord

    /// Builds an index over the first rows of a matrix, whose numbers become ids; the vectors stay in its file.
    ///
    /// - Parameter rows: how many; all without it.
    init(over base: NpyMatrixMap, rows: Int? = nil, threads: Int) throws {
        try self.init(over: base, ids: (0..<Int64(rows ?? base.rows)).map(\.self), threads: threads)
    }

    /// Builds an index over the rows of ascending numbers.
    init(over base: NpyMatrixMap, ids: [Int64], threads: Int) throws {
        let index = try VectorIndex(dimension: base.columns, source: MappedRows(map: base))
        let position = IndexPosition(highestID: ids.last ?? 0, removals: 0)
        let time = try timed { try index.build(ids: ids, position: position, threads: threads) }
        self.index = index
        build = BuildRecord(seconds: time.seconds, saveSeconds: nil, threads: threads)
    }

    /// Opens the index that an earlier run left in a folder, or builds one and leaves it there.
    ///
    /// An index of other references is not taken for theirs: the fingerprint holds numbers of some rows.
    init(over base: NpyMatrixMap, threads: Int, folder: String) throws {
        let fingerprint = Self.fingerprint(of: base)
        let (saved, card) = ("\(folder)/index", URL(fileURLWithPath: "\(folder)/build.json"))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if let data = try? Data(contentsOf: card),
            let build = try? JSONDecoder().decode(BuildRecord.self, from: data),
            let index = try VectorIndex.open(
                directory: saved, fingerprint: fingerprint, dimension: base.columns,
                source: MappedRows(map: base))
        {
            (self.index, self.build) = (index, build)
            return
        }
        let built = try Engine(over: base, threads: threads)
        var build = built.build
        build.saveSeconds = try timed { try built.index.save(to: saved, fingerprint: fingerprint) }.seconds
        try JSONEncoder().encode(build).write(to: card)
        (index, self.build) = (built.index, build)
    }

    /// Searches row-major probes into answers that have room for them.
    ///
    /// One thread allocates nothing; several are served through arrays.
    func search(
        _ probes: UnsafeBufferPointer<Float>, mode: IndexSearchMode, threads: Int, into answers: inout Answers
    ) throws {
        let k = answers.k
        guard threads == 1 else {
            let found = try unsafe index.search(probes: Array(probes), k: k, mode: mode, threads: threads)
            for (probe, neighbours) in found.enumerated() { answers.take(neighbours, of: probe) }
            return
        }
        try unsafe answers.ids.withUnsafeMutableBufferPointer { ids in
            try unsafe answers.similarities.withUnsafeMutableBufferPointer { similarities in
                try unsafe answers.counts.withUnsafeMutableBufferPointer { counts in
                    try unsafe index.search(
                        probes: probes, k: k, mode: mode, ids: ids, similarities: similarities, counts: counts)
                }
            }
        }
    }

    /// The best similarity of each probe, of another row than the one that is its own.
    func best(of probes: [Float], besides ids: [Int64]?, threads: Int) throws -> [Float] {
        let found = try index.search(probes: probes, k: 2, mode: Self.nearlyExact, threads: threads)
        return found.enumerated().map { row, neighbours in
            neighbours.first { $0.id != ids?[row] }?.similarity ?? -1
        }
    }

    /// The best similarity of each probe, and whose it is.
    func bestWithIDs(of probes: [Float], threads: Int) throws -> [(similarity: Float, id: Int64)] {
        try index.search(probes: probes, k: 1, mode: Self.nearlyExact, threads: threads).map {
            ($0.first?.similarity ?? -1, $0.first?.id ?? -1)
        }
    }

    private static let nearlyExact = IndexSearchMode.maxSearchLoss(0.0001)

    private static func fingerprint(of base: NpyMatrixMap) -> String {
        // FNV-1a over a thousand rows that are spread evenly.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for sample in 0..<min(1_000, base.rows) {
            let row = sample * base.rows / min(1_000, base.rows)
            for number in base.floats(row..<row + 1) {
                hash = (hash ^ UInt64(number.bitPattern)) &* 0x0000_0100_0000_01B3
            }
        }
        return "bench \(base.rows) \(base.columns) \(String(hash, radix: 16))"
    }
}

/// How an index was built.
struct BuildRecord: Codable, Sendable {
    /// Training and encoding, from a mapped file.
    var seconds: Double
    /// Writing it, where that was asked for.
    var saveSeconds: Double?
    var threads: Int
}

/// The rows of a mapped matrix, whose numbers are ids.
private struct MappedRows: VectorSource, VectorReader {
    let map: NpyMatrixMap

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) { try body(self) }

    func vector(of id: Int64) -> UnsafePointer<Float>? { unsafe map.row(Int(id)) }
}

/// What a search found: up to `k` neighbours of each probe, in memory that is used again.
struct Answers: Sendable {
    let k: Int
    var ids: [Int64]
    var similarities: [Float]
    var counts: [Int]

    init(probes: Int, k: Int) {
        self.k = k
        ids = Array(repeating: -1, count: probes * k)
        similarities = Array(repeating: 0, count: probes * k)
        counts = Array(repeating: 0, count: probes)
    }

    var probes: Int { counts.count }

    /// The ids found for a probe, best first.
    func ids(of probe: Int) -> ArraySlice<Int64> { ids[probe * k..<probe * k + counts[probe]] }

    mutating func take(_ neighbours: [Neighbour], of probe: Int) {
        counts[probe] = neighbours.count
        for (place, neighbour) in neighbours.enumerated() {
            ids[probe * k + place] = neighbour.id
            similarities[probe * k + place] = neighbour.similarity
        }
    }

    /// Takes over the answers of others, as those of the probes from `first` on.
    mutating func take(_ others: Answers, at first: Int) {
        ids.replaceSubrange(first * k..<(first + others.probes) * k, with: others.ids)
        similarities.replaceSubrange(first * k..<(first + others.probes) * k, with: others.similarities)
        counts.replaceSubrange(first..<first + others.probes, with: others.counts)
    }
}
