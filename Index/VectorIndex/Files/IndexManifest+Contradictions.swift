/// A manifest may come from a stranger: a right checksum says only that the writer of the bytes computed it.
extension IndexManifest {
    /// The most bytes of a manifest that are read; one of a thousand segments has less than half as many.
    static let mostBytes = 1 << 20
    private static let mostSegments = 1_024

    /// What no save writes, or nil.
    ///
    /// With nil, every count is 0 or more and small enough to be added and multiplied by a vector's bytes, every name
    /// is one of a saved index's own directory, and what a search goes by is a number. O(files).
    var contradiction: String? {
        if count < 0 || looseRows < 0 || position.highestID < 0 || position.removals > UInt64(Int64.max) {
            return "it counts \(count) vectors, \(looseRows) of them loose, to id \(position.highestID) "
                + "and removal \(position.removals)"
        }
        if count > Int(UInt32.max) { return "it counts \(count) vectors, more than lists can hold" }
        if segments.count > Self.mostSegments {
            return "it has \(segments.count) segments, and at most \(Self.mostSegments) are possible"
        }
        if quantizer == nil, !segments.isEmpty || !calibration.rows.isEmpty {
            return "it has lists but no quantizer"
        }
        if (loose == nil) != (looseRows == 0) { return "it counts \(looseRows) loose rows" }
        return contradictionOfFiles ?? calibration.contradiction
    }

    private var contradictionOfFiles: String? {
        let kinds: [(file: SavedFile?, kind: String)] =
            [(quantizer, "quantizer"), (loose, "loose")]
            + segments.flatMap { [($0.rows, "segment"), ($0.removed, "removed")] }
        var names = Set<String>()
        for (file, kind) in kinds {
            guard let file else { continue }
            guard SavedDirectory.kind(of: file.name) == kind, names.insert(file.name).inserted else {
                return "it names \(file.name.debugDescription) as its \(kind) file"
            }
            guard file.size >= 0, (0...file.size).contains(file.headBytes) else {
                return "\(file.name) has \(file.headBytes) bytes of \(file.size) for its head"
            }
        }
        return nil
    }
}

extension Calibration {
    private static let mostRows = 64
    private static let deviations: ClosedRange<Float> = 0...1_000

    /// What no calibration measures, or nil.
    var contradiction: String? {
        guard rows.count <= Self.mostRows, (0...1_000_000_000).contains(probes), (-2...2).contains(nearFrom)
        else {
            return "its calibration has \(rows.count) losses, of \(probes) probes"
        }
        var last = 1.1
        for row in rows {
            let limits = [row.pruning.code, row.pruning.list, row.farPruning.code, row.farPruning.list]
            guard row.loss > 0, row.loss < last, limits.allSatisfy(Self.deviations.contains),
                (0...1).contains(row.measured), (0...1e6).contains(row.codesRead)
            else { return "its calibration for a loss of \(row.loss) is invalid" }
            last = row.loss
        }
        return nil
    }
}
