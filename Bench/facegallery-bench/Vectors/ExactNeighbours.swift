import VectorFiles

/// The true neighbours of probes: every row compared, by loops of this program's own, not the index's.
enum ExactNeighbours {
    /// Base rows whose products are taken at once.
    private static let tile = 512

    /// The row numbers of each probe's `k` nearest rows by inner product, best first, ties by row.
    ///
    /// O(probes · rows · dimension); memory for `threads` × probes × `k` candidates.
    ///
    /// - Parameters:
    ///   - rows: of so many first rows; of all without it.
    ///   - isIncluded: which of them count; all without it.
    static func search(
        probes: [Float], in base: NpyMatrixMap, rows: Int? = nil, isIncluded: [Bool]? = nil, k: Int,
        threads: Int
    ) -> NpyIntegers {
        let dimension = base.columns
        let count = probes.count / dimension
        let rowCount = rows ?? base.rows
        let kept = min(k, isIncluded?.count(where: \.self) ?? rowCount)
        let found = (0..<max(1, threads)).map { _ in NearestRows(probes: count, k: kept) }
        let tiles = (rowCount + tile - 1) / tile
        inParallel(threads: max(1, threads)) { thread, next in
            let panels = RowPanels(capacity: tile, dimension: dimension)
            let group = 64
            let products = FloatBuffer(count: group * tile)
            while let number = next(tiles) {
                let range = number * tile..<min(rowCount, (number + 1) * tile)
                unsafe base.withRows(range) { rows in
                    if let start = rows.baseAddress { unsafe panels.load(start, count: range.count) }
                }
                unsafe probes.withUnsafeBufferPointer { buffer in
                    guard let start = buffer.baseAddress, let out = unsafe products.all.baseAddress
                    else { return }
                    for first in stride(from: 0, to: count, by: group) {
                        let some = min(group, count - first)
                        unsafe panels.products(
                            of: start + first * dimension, count: some, panelRows: range.count, into: out,
                            stride: tile)
                        for probe in 0..<some {
                            if let isIncluded {
                                for place in 0..<range.count where !isIncluded[range.lowerBound + place] {
                                    unsafe out[probe * tile + place] = -.infinity
                                }
                            }
                            unsafe found[thread].offer(
                                UnsafeBufferPointer(start: out + probe * tile, count: range.count),
                                firstRow: range.lowerBound, to: first + probe)
                        }
                    }
                }
            }
        }
        for other in found.dropFirst() { found[0].merge(other) }
        return NpyIntegers(columns: max(1, kept), values: found[0].sortedRows())
    }
}

/// The best rows that each of many probes has seen; one thread's at a time.
@safe private final class NearestRows: @unchecked Sendable {
    // Unchecked: each thread has one of its own, and they are merged after all have ended.
    private let probes: Int
    private let k: Int
    /// For each probe `k` places, in order, the best first.
    private let similarities: UnsafeMutablePointer<Float>
    private let rows: UnsafeMutablePointer<Int64>

    init(probes: Int, k: Int) {
        (self.probes, self.k) = (probes, k)
        unsafe similarities = .allocate(capacity: max(1, probes * k))
        unsafe similarities.initialize(repeating: -.infinity, count: probes * k)
        unsafe rows = .allocate(capacity: max(1, probes * k))
        unsafe rows.initialize(repeating: .max, count: probes * k)
    }

    deinit {
        unsafe similarities.deallocate()
        unsafe rows.deallocate()
    }

    func offer(_ some: UnsafeBufferPointer<Float>, firstRow: Int, to probe: Int) {
        let last = (probe + 1) * k - 1
        for place in some.indices {
            let similarity = unsafe some[place]
            guard unsafe similarity >= similarities[last], similarity > -.infinity else { continue }
            insert(similarity, Int64(firstRow + place), probe)
        }
    }

    func merge(_ other: NearestRows) {
        for probe in 0..<probes {
            for place in probe * k..<(probe + 1) * k where unsafe other.rows[place] != .max {
                unsafe insert(other.similarities[place], other.rows[place], probe)
            }
        }
    }

    func sortedRows() -> [Int64] { unsafe Array(UnsafeBufferPointer(start: rows, count: probes * k)) }

    private func insert(_ similarity: Float, _ row: Int64, _ probe: Int) {
        let first = probe * k
        var place = first + k
        while place > first {
            let other = unsafe similarities[place - 1]
            guard unsafe similarity > other || similarity == other && row < rows[place - 1] else { break }
            place -= 1
            if place + 1 < first + k {
                unsafe similarities[place + 1] = similarities[place]
                unsafe rows[place + 1] = rows[place]
            }
        }
        guard place < first + k else { return }
        unsafe similarities[place] = similarity
        unsafe rows[place] = row
    }
}
