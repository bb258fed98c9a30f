extension IndexState {
    /// Ends the process in a debug build if the state contradicts itself; does nothing in a release build.
    ///
    /// Called for every state before searches see it. O(parts).
    func checkInvariants() {
        #if DEBUG
            if let contradiction { preconditionFailure("the state of an index: \(contradiction)") }
        #endif
    }

    /// What in the state does not fit together, or nil.
    ///
    /// O(parts): numbers are compared, no rows are read.
    var contradiction: String? {
        contradictionOfLooseRows ?? contradictionOfSegments
    }

    private var contradictionOfLooseRows: String? {
        if loose.dimension != dimension {
            return "loose rows have dimension \(loose.dimension), not \(dimension)"
        }
        var rows = 0
        for part in loose.parts {
            if part.first != rows { return "a part of the loose rows begins at \(part.first), not \(rows)" }
            if part.count < 1 || part.count > part.chunk.capacity {
                return "\(part.count) loose rows are in room for \(part.chunk.capacity)"
            }
            rows += part.count
        }
        if rows != loose.count { return "parts have \(rows) loose rows, not \(loose.count)" }
        guard let removed = loose.removed else { return nil }
        if removed.capacity < loose.count || removed.count > loose.count {
            return
                "\(removed.count) of \(loose.count) loose rows are removed, with bits for \(removed.capacity)"
        }
        return nil
    }

    private var contradictionOfSegments: String? {
        guard let quantizer else {
            return segments.isEmpty && calibration.rows.isEmpty ? nil : "there are lists without a quantizer"
        }
        if quantizer.dimension != dimension { return "the quantizer has dimension \(quantizer.dimension)" }
        for part in segments {
            if part.segment.listCount != quantizer.listCount {
                return "a segment has \(part.segment.listCount) lists, not \(quantizer.listCount)"
            }
            guard let removed = part.removed else { continue }
            if removed.capacity != part.segment.rowCount || removed.count > part.segment.rowCount {
                return "\(removed.count) of \(part.segment.rowCount) rows are removed, "
                    + "with bits for \(removed.capacity)"
            }
        }
        return nil
    }

    /// `contradiction`, and what reading every row shows: ids that occur twice, are below 0 or above the position,
    /// and directories that do not lead to every row.
    ///
    /// O(count · log count), for tests.
    var contradictionOfRows: String? {
        if let contradiction { return contradiction }
        let ids = sortedIDs()
        if ids.count != count { return "there are \(ids.count) ids, not \(count)" }
        if let place = ids.indices.dropFirst().first(where: { ids[$0] == ids[$0 - 1] }) {
            return "id \(ids[place]) is there twice"
        }
        if let first = ids.first, let last = ids.last, first < 0 || last > position.highestID {
            return "ids \(first) to \(last) are not in 0 to \(position.highestID)"
        }
        if !segments.allSatisfy({ $0.segment.directoryIsSound() }) { return "a directory of ids is wrong" }
        return ids.first { place(of: $0) == nil }.map { "id \($0) is not found" }
    }
}
