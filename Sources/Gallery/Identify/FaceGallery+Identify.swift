public import GalleryModel
public import Concurrency
import Network

extension FaceGallery {
    /// How a probe is searched.
    public struct Search: Sendable {
        /// Subjects to return, 1…10,000.
        public var count = 5
        /// How a subject's references become one similarity.
        public var fusion = Fusion.max
        /// Exact, or at most a share of exact answers missed.
        public var mode = SearchMode.maxSearchLoss(defaultMaxSearchLoss)
        /// Cosine at or above which a candidate matches; the gallery's own threshold, or its network's, where `nil`.
        public var minSimilarity: Double?
        /// Share of searches for strangers that may name somebody (FPIR), for a calibrated gallery; the calibration's own
        /// where `nil`.
        public var targetFPIR: Double?
        /// By how much the first candidate must lead the second; the gallery's own, or a small one, where `nil`.
        public var minMargin: Double?
        /// Cosine from which a face that does not match is to be looked at; the gallery's own limit where `nil`.
        public var review: Double?
        /// Threads that a batch may use.
        public var threads = 1
        /// Whether candidates come with the metadata of their most similar references.
        public var withMetadata = false
        /// Cancels the search, or ends it at a deadline; `nil` for neither.
        public var cancellation: Cancellation?

        /// The default share of searches that may miss their best answer.
        public static let defaultMaxSearchLoss = 0.001

        /// The default search: five subjects, each judged by its best reference.
        ///
        /// Any part can be given.
        public init(
            count: Int = 5, fusion: Fusion = .max, mode: SearchMode = .maxSearchLoss(defaultMaxSearchLoss),
            minSimilarity: Double? = nil, targetFPIR: Double? = nil, minMargin: Double? = nil,
            review: Double? = nil, threads: Int = 1,
            withMetadata: Bool = false, cancellation: Cancellation? = nil
        ) {
            (self.count, self.fusion, self.mode) = (count, fusion, mode)
            self.targetFPIR = targetFPIR
            (self.minSimilarity, self.minMargin, self.review) = (minSimilarity, minMargin, review)
            (self.threads, self.withMetadata) = (threads, withMetadata)
            self.cancellation = cancellation
        }
    }

    /// Who the face of a template is.
    ///
    /// The answer describes one state of the gallery: that at the beginning of the call, or a later one.
    /// - Throws: `.wrongDimension`, `.badTemplate`, or `.badArgument` for a count outside its range; `.network` where
    ///   the gallery's network cannot be read, `.store` with `damaged`.
    public func identify(_ template: [Float], _ search: Search = Search()) throws(GalleryError) -> Answer {
        guard template.count == settings.dimension else {
            throw .wrongDimension(gallery: settings.dimension, given: template.count)
        }
        return try identify(probes: template, search)[0]
    }

    /// Who the faces of several templates are, one answer per row, all of one state of the gallery.
    ///
    /// - Parameters:
    ///   - probes: row-major, `settings.dimension` numbers per row; rows are scaled to unit length.
    ///   - search: how many candidates, threshold, margin and mode.
    /// - Throws: `.wrongDimension`, `.badTemplate` with the row that is zero or not finite.
    public func identify(probes: [Float], _ search: Search = Search()) throws(GalleryError) -> [Answer] {
        var answers: [Answer] = []
        // If the question is asked again, all answers are of the later state.
        let restart = {
            answers = []
            return 0
        }
        try answerEach(probes, search, from: restart) { state, answer throws(StoreError) in
            var answer = answer
            if search.withMetadata {
                for place in answer.candidates.indices {
                    answer.candidates[place].metadata =
                        try CandidateMetadata(state: state).read(answer.candidates[place])
                }
            }
            answers.append(answer)
            return true
        }
        return answers
    }

    /// Hands over the answers to several templates one by one, in order, all of one state of the gallery.
    ///
    /// One exception: if a damaged index is found and rebuilt half-way, the answers after that are of a later state.
    ///
    /// Memory: one answer, without metadata, which is read when it is asked for. The state stays open until `body` has
    /// returned for the last time: a writer cannot use again what it frees meanwhile.
    ///
    /// - Parameters:
    ///   - probes: row-major, `settings.dimension` numbers per row; rows are scaled to unit length.
    ///   - search: how many candidates, threshold, margin and mode.
    ///   - body: takes the row, its answer, and what reads metadata of its candidates.
    /// - Throws: as `identify(probes:_:)`; what `body` throws, after which it is not called again.
    public func identify(
        probes: [Float], _ search: Search = Search(),
        each body: (_ row: Int, _ answer: Answer, _ metadata: CandidateMetadata) throws -> Void
    ) throws {
        var row = 0
        var failure: (any Error)?
        // If the question is asked again, rows that were handed over are left out.
        try answerEach(probes, search, from: { row }) { state, answer throws(StoreError) in
            do { try body(row, answer, CandidateMetadata(state: state)) } catch { failure = error }
            row += 1
            return failure == nil
        }
        if let failure { throw failure }
    }

    /// Calls `body` with each answer, without metadata, until it says that it wants no further one.
    ///
    /// - Parameter from: asked for the first row each time that the storage asks the question.
    private func answerEach(
        _ probes: [Float], _ search: Search, from firstRow: () -> Int,
        _ body: (any GallerySearching, Answer) throws(StoreError) -> Bool
    ) throws(GalleryError) {
        guard (1...SearchRequest.most).contains(search.count) else {
            throw .badArgument("the number of candidates must be from 1 to \(SearchRequest.most)")
        }
        let dimension = settings.dimension
        guard probes.count.isMultiple(of: dimension), !probes.isEmpty else {
            throw .wrongDimension(gallery: dimension, given: probes.count)
        }
        try requireCard()
        let unit = try normalisedRows(probes)
        // Two subjects are needed to see an ambiguous answer, even where one is returned.
        let ranking = SubjectRanking(fusion: search.fusion, count: max(search.count, 2))
        let firstFetch = min(max(4 * search.count, 16), SearchRequest.most)
        // So few at once that what is found for them stays small, however many candidates an answer has.
        let rowsAtOnce = max(1, Self.hitsAtOnce / firstFetch)
        let request = SearchRequest(
            count: firstFetch, mode: search.mode, threads: search.threads, cancellation: search.cancellation)
        try wrap { () throws(StoreError) in
            try storage.search { state throws(StoreError) in
                let calibrated = try calibratedSearch(search, state)
                let rule = try rule(search, state, calibrated)
                let rows = unit.count / dimension
                for begin in stride(from: firstRow(), to: rows, by: rowsAtOnce) {
                    let end = min(rows, begin + rowsAtOnce)
                    func probe(_ row: Int) -> [Float] { Array(unit[row * dimension..<(row + 1) * dimension]) }
                    let first = try grouped(state, probe(begin), request, ranking)
                    let hits =
                        first == nil
                        ? try state.nearest(to: Array(unit[begin * dimension..<end * dimension]), request) : []
                    for row in begin..<end {
                        let subjects =
                            if first == nil {
                                try rank(state, probe(row), hits[row - begin], request, ranking)
                            } else {
                                try row == begin ? first : grouped(state, probe(row), request, ranking)
                            }
                        guard try body(state, try answer(state, subjects ?? [], rule, search, calibrated))
                        else { return }
                    }
                }
            }
        }
    }

    /// The nearest references of each probe, with the numbers of their subjects.
    ///
    /// - Parameter probes: row-major, of length 1.
    package func nearestReferences(
        to probes: [Float], _ request: SearchRequest
    ) throws(GalleryError) -> [[ReferenceHit]] {
        try wrap { () throws(StoreError) in
            try storage.search { state throws(StoreError) in try state.nearest(to: probes, request) }
        }
    }

    /// References that are found for all probes of a block together.
    private static let hitsAtOnce = 1 << 18

    /// The subjects of a storage that groups references itself; nil if it does not, or means are asked for.
    private func grouped(
        _ state: any GallerySearching, _ probe: [Float], _ request: SearchRequest, _ ranking: SubjectRanking
    ) throws(StoreError) -> [RankedSubject]? {
        guard ranking.fusion == .max else { return nil }
        var request = request
        request.count = ranking.count
        return try state.nearestSubjects(to: probe, request)?.map { hit in
            RankedSubject(subject: hit.subject, similarity: hit.similarity, bestReference: hit.reference)
        }
    }

    /// Fetches further references until the ranking of subjects is final.
    ///
    /// Where the most that an index returns is not enough, as one subject has all of it, every subject is compared.
    private func rank(
        _ state: any GallerySearching, _ probe: [Float], _ first: [ReferenceHit], _ request: SearchRequest,
        _ ranking: SubjectRanking
    ) throws(StoreError) -> [RankedSubject] {
        var request = request
        var hits = first
        var isComplete = hits.count < request.count
        var means: [SubjectNumber: Float] = [:]
        // Ends: each turn fetches more, and what is complete is final.
        while true {
            let ranked = try ranking.rank(hits, isComplete: isComplete) { subject throws(StoreError) in
                if let known = means[subject] { return known }
                let all = try similarities(state, of: probe, to: subject)
                let mean = all.reduce(0, +) / Float(all.count)
                means[subject] = mean
                return mean
            }
            if ranked.isFinal { return ranked.subjects }
            if request.count < SearchRequest.most {
                request.count = min(4 * request.count, SearchRequest.most)
                hits = try state.nearest(to: probe, request)[0]
                isComplete = hits.count < request.count
            } else {
                hits = try state.nearestOfEachSubject(to: probe, cancellation: request.cancellation)
                isComplete = true
            }
        }
    }

    private func answer(
        _ state: any GallerySearching, _ subjects: [RankedSubject], _ rule: DecisionRule, _ search: Search,
        _ calibrated: CalibratedSearch?
    ) throws(StoreError) -> Answer {
        // Before any is named: whom nobody can name is a candidate nevertheless.
        let decision = rule.decision(
            first: subjects.first?.similarity, second: subjects.dropFirst().first?.similarity)
        var candidates: [Candidate] = []
        for subject in subjects.prefix(search.count) {
            guard let name = try state.name(of: subject.subject) else {
                throw damaged("subject \(subject.subject) has references but no name")
            }
            candidates.append(
                Candidate(
                    rank: candidates.count + 1, subject: name, similarity: subject.similarity,
                    reference: subject.bestReference))
        }
        return Answer(
            decision: decision, threshold: rule.minSimilarity,
            certainty: rule.certainty(of: subjects.first?.similarity),
            calibrated: calibrated?.answer(
                best: subjects.first?.similarity, threshold: rule.minSimilarity), candidates: candidates)
    }

    func damaged(_ reason: String) -> StoreError { .damaged(path: name, reason: reason) }

    /// The cosines of a probe to all references of a subject.
    ///
    /// - Throws: `.store` with `damaged` for a subject that has none.
    func similarities(
        _ state: any GalleryReading, of probe: [Float], to subject: SubjectNumber
    ) throws(StoreError) -> [Float] {
        let (ids, templates) = try state.templates(of: subject)
        guard !ids.isEmpty else {
            throw damaged("subject \(subject) has no references")
        }
        return ids.indices.map { row in
            Similarity.cosine(probe[...], templates[row * probe.count..<(row + 1) * probe.count])
        }
    }

    func normalisedRows(_ rows: [Float]) throws(GalleryError) -> [Float] {
        let dimension = settings.dimension
        var unit = rows
        for row in 0..<rows.count / dimension {
            var template = Array(rows[row * dimension..<(row + 1) * dimension])
            do { try UnitVector.normalise(&template) } catch {
                throw .badTemplate(row: row, reason: "\(error)")
            }
            unit.replaceSubrange(row * dimension..<(row + 1) * dimension, with: template)
        }
        return unit
    }
}

/// Reads the metadata of candidates from the state of the gallery that they are true of.
///
/// For use while the closure runs that it was handed to, by its thread.
public struct CandidateMetadata {
    let state: any GallerySearching

    /// The metadata of a candidate's most similar reference.
    public func of(_ candidate: Candidate) throws(GalleryError) -> [String: String] {
        try wrap { () throws(StoreError) in try read(candidate) }
    }

    func read(_ candidate: Candidate) throws(StoreError) -> [String: String] {
        try state.reference(candidate.reference)?.metadata ?? [:]
    }
}

/// Similarity of unit vectors.
public enum Similarity {
    /// The cosine of two unit vectors of equal length, −1…1.
    public static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
        precondition(a.count == b.count, "templates of \(a.count) and \(b.count) numbers")
        return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
