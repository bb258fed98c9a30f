internal import CSearchKernels

/// How much is added at a time.
public enum AdditionAmount: Sendable {
    /// What came since the last search.
    case few
    /// What an index that was opened has to catch up with: all of it is compared where that takes a process that
    /// answers one question less time than to make lists of it.
    case many
}

extension VectorIndex {
    /// How far from 1 a vector's length may be.
    static let lengthTolerance = 0.01

    /// Adds vectors; when it returns, every search that starts finds them.
    ///
    /// `vectors` is row-major, `ids.count` × `dimension`, of length 1 each (within 1 %), metric inner product.
    /// Ids are 0 or more, and not in the index; ascending ids above all earlier ones are the fast case.
    /// The source must have their vectors too when a search may find them. All are added or, when an error is
    /// thrown, none. O(vectors · (lists + dimension) · dimension), amortised: now and then the latest additions get
    /// lists of their own, and parts of similar size are put together.
    ///
    /// - Parameters:
    ///   - amount: of which the vectors are a part.
    ///   - threads: that give additions lists.
    public func add(
        ids: [Int64], vectors: UnsafeBufferPointer<Float>, as amount: AdditionAmount = .few, threads: Int = 1
    ) throws(IndexError) {
        try Self.checkShape(floats: vectors.count, vectors: ids.count, dimension: dimension)
        guard !ids.isEmpty else { return }
        try unsafe Self.checkRows(vectors, dimension: dimension)
        let survey = Self.survey(ids)
        guard survey.least >= 0 else { throw .negativeID(survey.least) }
        if survey.disorder > 0 { try Self.refuseRepeats(ids) }
        try update { state throws(IndexError) in
            // Above the highest id ever added there is nothing to meet.
            if survey.least <= state.position.highestID {
                for id in ids where state.place(of: id) != nil { throw .duplicateID(id) }
            }
            let countBefore = state.count
            let result = unsafe ids.withUnsafeBufferPointer { buffer -> Result<Void, IndexError> in
                do throws(IndexError) {
                    try unsafe state.loose.append(ids: buffer, vectors: vectors)
                    return .success(())
                } catch { return .failure(error) }
            }
            try result.get()
            state.position.highestID = max(state.position.highestID, survey.greatest)
            let mostLoose = amount == .few ? IndexState.mostLooseRows : state.mostLooseRowsOfMany
            state = try state.tidied(kernel: kernel, mostLoose: mostLoose, threads: threads)
            assert(state.count == countBefore + ids.count, "an addition changed the number of other vectors")
            // Last, as nothing takes a vector out of the table again: whatever refuses an addition comes before.
            try unsafe table?.add(ids: ids, vectors: vectors)
        }
    }

    /// Adds vectors given as an array, as `add(ids:vectors:)` does for a buffer.
    public func add(
        ids: [Int64], vectors: [Float], as amount: AdditionAmount = .few, threads: Int = 1
    ) throws(IndexError) {
        try unsafe vectors.withUnsafeBufferPointer { buffer throws(IndexError) in
            try unsafe add(ids: ids, vectors: buffer, as: amount, threads: threads)
        }
    }

    /// Gives additions lists that have none, as one of many leaves more of them than searches should compare for long.
    ///
    /// O(additions · (lists + dimension) · dimension).
    public func tidy(threads: Int = 1) throws(IndexError) {
        guard state.quantizer != nil, state.loose.count >= IndexState.mostLooseRows else { return }
        try update { state throws(IndexError) in
            state = try state.tidied(kernel: kernel, threads: threads)
        }
    }

    /// Removes vectors; no search that starts afterwards returns them.
    ///
    /// Returns how many there were.
    ///
    /// Ids that are not in the index are skipped. Once one row in five of a part of the index is removed, the
    /// part is copied without them, which gives their memory back. O(ids · log count + count / 64).
    @discardableResult
    public func remove(ids: [Int64]) -> Int {
        update { state in
            let countBefore = state.count
            let removed = state.remove(ids: ids)
            // Without memory to copy the other rows, removed ones keep their room, but they are no answers.
            if let tidied = try? state.tidied(kernel: kernel) { state = tidied }
            assert(state.count == countBefore - removed, "a removal changed the number of other vectors")
            return removed
        }
    }

    /// Notes how far the index has followed its store.
    ///
    /// Neither number ever goes down.
    public func advance(to position: IndexPosition) {
        update { state in
            state.position.highestID = max(state.position.highestID, position.highestID)
            state.position.removals = max(state.position.removals, position.removals)
        }
    }

    /// Refuses a number of floats that is not `vectors` × `dimension`.
    static func checkShape(floats: Int, vectors: Int, dimension: Int) throws(IndexError) {
        let (needed, overflow) = vectors.multipliedReportingOverflow(by: dimension)
        guard !overflow && floats == needed else {
            throw .wrongDimension(floats: floats, vectors: vectors, dimension: dimension)
        }
    }

    /// Refuses rows that are not finite and of length 1.
    static func checkRows(_ rows: UnsafeBufferPointer<Float>, dimension: Int) throws(IndexError) {
        guard let start = rows.baseAddress else { return }
        var row = 0
        var length = 0.0
        switch unsafe csk_check_rows(start, rows.count / dimension, dimension, lengthTolerance, &row, &length) {
        case csk_rows_good: return
        case csk_row_not_finite: throw .notFinite(row: row)
        default: throw .notUnit(row: row, length: length)
        }
    }

    private static func survey(_ ids: [Int64]) -> (disorder: Int, least: Int64, greatest: Int64) {
        var disorder = 0
        var least: Int64 = 0
        var greatest: Int64 = 0
        unsafe ids.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe csk_survey_ids(start, buffer.count, &disorder, &least, &greatest)
        }
        return (disorder, least, greatest)
    }

    private static func refuseRepeats(_ ids: [Int64]) throws(IndexError) {
        var seen = Set<Int64>(minimumCapacity: ids.count)
        for id in ids where !seen.insert(id).inserted { throw .duplicateID(id) }
    }
}
