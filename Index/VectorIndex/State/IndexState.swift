internal import CSearchKernels

/// One consistent state of an index: what a search sees from its first to its last comparison.
///
/// A value; what it refers to never changes.
struct IndexState: Sendable {
    let dimension: Int

    /// What lists and codes are made with; nil while everything is loose.
    var quantizer: Quantizer?
    var calibration = Calibration.none

    /// Rows in lists: the largest first, later additions after it.
    var segments: [SegmentPart] = []

    var loose: LooseRows
    var position = IndexPosition(highestID: 0, removals: 0)

    /// Ids that were removed since a rebuild began; nil while there is none.
    var removedMeanwhile: [Int64]?

    /// Whether rows in lists were removed since the quantizer was trained, so that its tables may tell of vectors that
    /// are gone.
    var hasLostRows = false

    init(dimension: Int) {
        self.dimension = dimension
        loose = LooseRows(dimension: dimension)
    }

    /// Vectors that are answers.
    var count: Int { segments.reduce(loose.liveCount) { $0 + $1.liveCount } }

    /// Removed rows that still take room.
    var removedCount: Int { segments.reduce(loose.count - loose.liveCount) { $0 + ($1.removed?.count ?? 0) } }

    /// Rows in lists, removed ones included.
    var listedCount: Int { segments.reduce(0) { $0 + $1.segment.rowCount } }

    /// Where a live id is.
    enum Place: Equatable {
        case segment(Int, row: Int)
        case loose(row: Int)
    }

    /// Where `id` is, or nil if it is not an answer.
    func place(of id: Int64) -> Place? {
        if let row = loose.row(of: id) { return .loose(row: row) }
        for (number, part) in segments.enumerated() {
            if let row = part.segment.row(of: id), !part.isRemoved(row) { return .segment(number, row: row) }
        }
        return nil
    }

    /// Removes what there is of `ids` and says how many that was.
    mutating func remove(ids: some Sequence<Int64>) -> Int {
        var rowsOfSegments: [Int: Set<Int>] = [:]
        var looseRows = Set<Int>()
        for id in ids {
            let place = place(of: id)
            if place != nil { removedMeanwhile?.append(id) }
            switch place {
            case nil: continue
            case .segment(let number, let row): rowsOfSegments[number, default: []].insert(row)
            case .loose(let row): looseRows.insert(row)
            }
        }
        if !rowsOfSegments.isEmpty { hasLostRows = true }
        for (number, rows) in rowsOfSegments {
            segments[number].removed = RemovedRows(
                earlier: segments[number].removed, capacity: segments[number].segment.rowCount, removing: rows)
        }
        loose.remove(rows: Array(looseRows))
        return rowsOfSegments.values.reduce(looseRows.count) { $0 + $1.count }
    }

    /// Every id that is an answer, in no promised order.
    func forEachID(_ body: (Int64) throws -> Void) rethrows {
        for part in segments {
            for row in 0..<part.segment.rowCount where !part.isRemoved(row) {
                try body(unsafe part.segment.ids[row])
            }
        }
        for part in loose.parts {
            for at in 0..<part.count where !loose.isRemoved(part.first + at) {
                try body(unsafe part.chunk.ids[at])
            }
        }
    }

    /// All ids that are answers, ascending.
    func sortedIDs() -> [Int64] {
        var ids: [Int64] = []
        ids.reserveCapacity(count)
        forEachID { ids.append($0) }
        // Segments are many ascending runs already, but the whole must be one.
        ids.sort()
        return ids
    }
}
