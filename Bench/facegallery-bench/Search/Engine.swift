import Foundation
import VectorFiles
import VectorIndex

/// The index under measurement: the one place where it is built, opened, asked and searched.
struct Engine: Sendable {
    let index: VectorIndex
    /// What building took.
    let build: BuildRecord

    /// The loops that the index compares with.
    static var kernel: String { (try? VectorIndex(dimension: 1).kernelName) ?? "none" }

    /// Builds an index over all rows of a matrix, whose numbers become ids.
    init(over base: NpyMatrixMap, threads: Int) throws {
        let index = try VectorIndex(dimension: base.columns, source: MappedRows(matrix: base))
        let time = try timed {
            try index.build(
                ids: (0..<base.rows).map { Int64($0) },
                position: IndexPosition(highestID: Int64(base.rows), removals: 0), threads: threads)
        }
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
                source: MappedRows(matrix: base))
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

    /// The neighbours of each probe, best first.
    func search(_ probes: [Float], k: Int, mode: SearchMode, threads: Int) throws -> [[Neighbour]] {
        try index.search(probes: probes, k: k, mode: mode, threads: threads)
    }

    /// Memory and mapped files of the index, by reference.
    var bytesPerReference: Double {
        let facts = index.statistics
        return Double(facts.bytes) / Double(max(1, facts.count))
    }

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
    /// Adding all references and training.
    var seconds: Double
    /// Writing it, where that was asked for.
    var saveSeconds: Double?
    var threads: Int
}

/// The rows of a mapped matrix, whose numbers are ids.
private struct MappedRows: VectorIndex::VectorSource, VectorReader {
    let matrix: NpyMatrixMap

    func reading(_ body: (any VectorReader) throws(IndexError) -> Void) throws(IndexError) { try body(self) }

    func vector(of id: Int64) -> UnsafePointer<Float>? {
        unsafe matrix.row(Int(id))
    }
}
