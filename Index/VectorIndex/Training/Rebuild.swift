internal import CSearchKernels
internal import Synchronization

extension VectorIndex {
    /// From this many vectors on, a rebuild makes lists; with fewer, all are compared.
    public static let listsFrom = 20_000

    /// Whether a rebuild would make searches faster or better.
    ///
    /// True if there are 20,000 vectors and no lists, if there are more than four times as many vectors as at the last
    /// training, if the mean squared error of the codes is more than 1.5 times that of the vectors they were trained
    /// on, or if fewer than 10,000 vectors are left. O(parts).
    public var needsRebuild: Bool { state.needsRebuild }

    /// Rebuilds if `needsRebuild`; returns whether it did.
    ///
    /// Waits for a rebuild that is under way, and does not repeat it.
    @discardableResult
    public func rebuildIfNeeded(threads: Int = 1) throws(IndexError) -> Bool {
        guard threads >= 1 else { throw .badThreads(threads) }
        guard needsRebuild else { return false }
        return try maintenance.withLock { _ throws(IndexError) in
            // Asked again: the thread that held the lock may have done it.
            guard needsRebuild else { return false }
            try rebuildAlone(threads: threads)
            return true
        }
    }

    /// Builds the index again from the vectors in it: with lists from 20,000 vectors on, without below.
    ///
    /// Searches, additions and removals can go on meanwhile. They see the old lists until the end, when their changes are
    /// applied to the new ones. Exact answers stay the same. Until it returns, memory for a second set of codes and bytes
    /// is needed. O(count^1.5 · dimension).
    public func rebuild(threads: Int = 1) throws(IndexError) {
        guard threads >= 1 else { throw .badThreads(threads) }
        try maintenance.withLock { _ throws(IndexError) in try rebuildAlone(threads: threads) }
    }

    /// `rebuild` for a caller that holds `maintenance`.
    func rebuildAlone(threads: Int) throws(IndexError) {
        let old = beginningToFollow()
        do throws(IndexError) {
            var fresh =
                try old.count < Self.listsFrom
                ? gathered(old) : trained(old.sortedIDs(), old.loose, threads: threads)
            // Most changes are carried over before we take the writers' lock: reading the source may mean waiting for
            // a thread that waits for that lock.
            let recent = beginningToFollow(keeping: true)
            fresh = try fresh.catchingUp(from: old, to: recent, source: source)
            try update { current throws(IndexError) in
                current = try fresh.catchingUp(from: recent, to: current, source: source)
            }
        } catch {
            update { $0.removedMeanwhile = nil }
            throw error
        }
    }

    /// The state of now; from now on what is removed is remembered.
    ///
    /// - Parameter keeping: whether the state that is returned tells what was removed until now.
    private func beginningToFollow(keeping: Bool = false) -> IndexState {
        update { current -> IndexState in
            var state = current
            if !keeping { state.removedMeanwhile = nil }
            current.removedMeanwhile = []
            return state
        }
    }

    /// Builds an index of just the vectors of `ids`, which the source has, in the place of what is here.
    ///
    /// As `rebuild`, but without any vector in memory first: what a large store begins with. `position` is what the
    /// ids stand for. Ids are ascending, 0 or more. Nothing may be added or removed meanwhile.
    public func build(ids: [Int64], position: IndexPosition, threads: Int = 1) throws(IndexError) {
        guard threads >= 1 else { throw .badThreads(threads) }
        if let first = ids.first, first < 0 { throw .negativeID(first) }
        if let place = ids.indices.dropFirst().first(where: { ids[$0] <= ids[$0 - 1] }) {
            throw .duplicateID(ids[place])
        }
        try maintenance.withLock { _ throws(IndexError) in
            var fresh = IndexState(dimension: dimension)
            if ids.count < Self.listsFrom {
                try source.reading { reader throws(IndexError) in
                    for id in ids {
                        if let vector = unsafe reader.vector(of: id) {
                            try unsafe fresh.loose.append(id: id, vector: vector)
                        }
                    }
                }
            } else {
                fresh = try trained(ids, fresh.loose, threads: threads)
            }
            fresh.position = position
            // Additions look for ids that are here already up to the highest only.
            fresh.position.highestID = max(position.highestID, ids.last ?? 0)
            update { $0 = fresh }
        }
    }

    /// `loose` has the vectors of ids that the source may not have.
    private func trained(
        _ ids: [Int64], _ loose: LooseRows, threads: Int
    ) throws(IndexError) -> IndexState {
        let source = LayeredSource(loose: loose, source: source)
        guard ids.count <= Int(UInt32.max) else {
            throw .faiss("\(ids.count) vectors are more than lists can hold")
        }
        var sample = try sampled(ids, QuantizerTraining.sampleCount(for: ids.count), source)
        let training = QuantizerTraining(dimension: dimension, kernel: kernel, threads: threads)
        let quantizer = try training.quantizer(for: ids.count, sample: sample.floats)
        // What follows needs no more than a few thousand; of a large index the others take a tenth of a gigabyte.
        sample = sample.thinned(to: 40_000)
        let part = try SegmentBuilder(quantizer: quantizer, kernel: kernel, threads: threads)
            .part(of: ids, from: source)
        var next = IndexState(dimension: dimension)
        next.quantizer = quantizer
        next.segments = [part]
        let view = SearchView(next, kernel: kernel)
        next.calibration = try Calibrator(index: self, view: view, sample: sample, threads: threads)
            .calibration()
        return next
    }

    /// The vectors of `wanted` ids, at equal distances among all.
    private func sampled(
        _ ids: [Int64], _ wanted: Int, _ source: any VectorSource
    ) throws(IndexError) -> SampledRows {
        var rows = SampledRows(dimension: dimension, capacity: wanted)
        try source.reading { reader throws(IndexError) in
            for place in 0..<wanted {
                let id = ids[place * ids.count / wanted]
                if let vector = unsafe reader.vector(of: id) { unsafe rows.append(id: id, floats: vector) }
                if place.isMultiple(of: 1_024) { reader.forget() }
            }
            reader.forget()
        }
        guard rows.count > 0 else { throw .source("none of \(ids.count) vectors exists") }
        return rows
    }

    /// The same answers without lists and without removed rows.
    private func gathered(_ old: IndexState) throws(IndexError) -> IndexState {
        var next = IndexState(dimension: dimension)
        try LayeredSource(loose: old.loose, source: source).reading { reader throws(IndexError) in
            for id in old.sortedIDs() {
                if let vector = unsafe reader.vector(of: id) {
                    try unsafe next.loose.append(id: id, vector: vector)
                }
            }
        }
        return next
    }
}

extension IndexState {
    var needsRebuild: Bool {
        guard let quantizer else { return loose.liveCount >= VectorIndex.listsFrom }
        if count < VectorIndex.listsFrom / 2 { return true }
        return count > 4 * quantizer.trainedCount || codeErrorHasGrown(quantizer)
    }

    /// Whether codes leave over half as much again of all rows as of those they were trained on.
    private func codeErrorHasGrown(_ quantizer: Quantizer) -> Bool {
        let rows = segments.reduce(0) { $0 + $1.segment.rowCount }
        let error = segments.reduce(0) { $0 + $1.segment.codeError }
        return rows > 0 && quantizer.trainedError > 1e-6
            && error / Double(rows) > 1.5 * Double(quantizer.trainedError)
    }

    /// This state, made from `old`, with what has happened between `old` and `current`.
    func catchingUp(
        from old: IndexState, to current: IndexState, source: any VectorSource
    ) throws(IndexError) -> IndexState {
        var next = self
        // Removed before additions are carried over: an id may have come back since.
        _ = next.remove(ids: current.removedMeanwhile ?? [])
        let known = Set(old.segments.map { ObjectIdentifier($0.segment) })
        var added: [Int64] = []
        var areLoose = true
        for part in current.segments where !known.contains(ObjectIdentifier(part.segment)) {
            part.forEachRow { _, row in
                let id = unsafe part.segment.ids[row]
                if next.place(of: id) == nil {
                    added.append(id)
                    areLoose = false
                }
            }
        }
        unsafe current.loose.forEach { _, id, _ in if next.place(of: id) == nil { added.append(id) } }
        added.sort()
        // Vectors of loose rows are at hand.
        let others: any VectorSource = areLoose ? VectorTable(dimension: dimension) : source
        try LayeredSource(loose: current.loose, source: others).reading { reader throws(IndexError) in
            for id in added {
                if let vector = unsafe reader.vector(of: id) {
                    try unsafe next.loose.append(id: id, vector: vector)
                }
            }
        }
        next.position = current.position
        return next
    }
}

extension LooseRows {
    /// Adds one row.
    mutating func append(id: Int64, vector: UnsafePointer<Float>) throws(IndexError) {
        let floats = unsafe UnsafeBufferPointer(start: vector, count: dimension)
        let result = unsafe withUnsafePointer(to: id) { pointer -> Result<Void, IndexError> in
            do throws(IndexError) {
                try unsafe append(ids: UnsafeBufferPointer(start: pointer, count: 1), vectors: floats)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }
}
