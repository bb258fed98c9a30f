import Network
import TemplateStore
public import VectorIndex

extension FaceGallery {
    /// How a probe is searched.
    public struct Search: Sendable {
        /// Subjects to return, 1…10,000.
        public var count = 5
        /// How a subject's references become one similarity.
        public var fusion = Fusion.max
        /// Exact, or at most a share of exact answers missed.
        public var mode = SearchMode.maxSearchLoss(defaultMaxSearchLoss)
        /// Cosine at or above which a candidate matches; the network's own threshold where `nil`.
        public var minSimilarity: Double?
        /// By how much the first candidate must lead the second.
        public var minMargin = 0.0
        /// Threads that a batch may use.
        public var threads = 1

        /// The share of exact best answers that a search may miss where the caller names none.
        public static let defaultMaxSearchLoss = 0.001

        /// The default search: five subjects, fused by their best reference.
        public init() {}
    }

    /// Who the face of a template is.
    ///
    /// - Throws: `.wrongDimension`, `.badTemplate`, or `.badArgument` for a count outside its range.
    public func identify(_ template: [Float], _ search: Search = Search()) throws(GalleryError) -> Answer {
        guard template.count == settings.dimension else {
            throw .wrongDimension(gallery: settings.dimension, given: template.count)
        }
        return try identify(probes: template, search)[0]
    }

    /// Who the faces of several templates are, an answer a row.
    ///
    /// - Parameter probes: row-major, `settings.dimension` numbers a row; rows are scaled to unit length.
    /// - Throws: `.wrongDimension`, `.badTemplate` with the row that is zero or not finite.
    public func identify(probes: [Float], _ search: Search = Search()) throws(GalleryError) -> [Answer] {
        guard (1...VectorIndex.mostNeighbours).contains(search.count) else {
            throw .badArgument("the number of candidates must be from 1 to \(VectorIndex.mostNeighbours)")
        }
        let dimension = settings.dimension
        guard probes.count.isMultiple(of: dimension), !probes.isEmpty else {
            throw .wrongDimension(gallery: dimension, given: probes.count)
        }
        let rule = DecisionRule(
            minSimilarity: search.minSimilarity ?? defaultThreshold?.similarity, minMargin: search.minMargin)
        let unit = try normalisedRows(probes)
        // Two subjects are needed to see an ambiguous answer, even where one is returned.
        let ranking = SubjectRanking(fusion: search.fusion, count: max(search.count, 2))
        let firstFetch = min(max(4 * search.count, 16), VectorIndex.mostNeighbours)
        let hits = try storage.nearest(to: unit, count: firstFetch, mode: search.mode, threads: search.threads)
        var answers: [Answer] = []
        answers.reserveCapacity(hits.count)
        for (row, first) in hits.enumerated() {
            let probe = unit[row * dimension..<(row + 1) * dimension]
            let subjects = try rank(Array(probe), first, fetched: firstFetch, ranking, search)
            answers.append(try answer(subjects, rule, count: search.count))
        }
        return answers
    }

    /// Fetches further references until the ranking of subjects is final.
    ///
    /// Where the most that an index returns is not enough, as one subject has all of it, every subject is compared.
    private func rank(
        _ probe: [Float], _ first: [ReferenceHit], fetched: Int, _ ranking: SubjectRanking, _ search: Search
    ) throws(GalleryError) -> [RankedSubject] {
        var hits = first
        var fetched = fetched
        var isComplete = hits.count < fetched
        var means: [SubjectNumber: Float] = [:]
        while true {
            let ranked = try ranking.rank(hits, isComplete: isComplete) { subject throws(GalleryError) in
                if let known = means[subject] { return known }
                let mean = try meanSimilarity(of: probe, to: subject)
                means[subject] = mean
                return mean
            }
            if ranked.isFinal { return ranked.subjects }
            if fetched < VectorIndex.mostNeighbours {
                fetched = min(4 * fetched, VectorIndex.mostNeighbours)
                hits = try storage.nearest(
                    to: probe, count: fetched, mode: search.mode, threads: search.threads)[0]
                isComplete = hits.count < fetched
            } else {
                hits = try storage.nearestOfEachSubject(to: probe)
                isComplete = true
            }
        }
    }

    private func answer(
        _ subjects: [RankedSubject], _ rule: DecisionRule, count: Int
    ) throws(GalleryError) -> Answer {
        let names = try storage.names(of: subjects.map(\.subject))
        var candidates: [Candidate] = []
        for (subject, name) in zip(subjects, names) {
            guard let name else { continue }
            candidates.append(
                Candidate(
                    rank: candidates.count + 1, subject: name, similarity: subject.similarity,
                    reference: subject.bestReference))
        }
        let decision = rule.decision(
            first: candidates.first?.similarity, second: candidates.dropFirst().first?.similarity)
        return Answer(
            decision: decision, threshold: rule.minSimilarity, candidates: Array(candidates.prefix(count)))
    }

    /// The mean cosine of a probe to all references of a subject; `nil` where it has gone.
    func meanSimilarity(of probe: [Float], to subject: SubjectNumber) throws(GalleryError) -> Float? {
        let similarities = try similarities(of: probe, to: subject)
        return similarities.isEmpty ? nil : similarities.reduce(0, +) / Float(similarities.count)
    }

    /// The cosines of a probe to all references of a subject; none where it has gone.
    func similarities(of probe: [Float], to subject: SubjectNumber) throws(GalleryError) -> [Float] {
        let (ids, templates) = try storage.templates(of: subject)
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

/// Similarity of unit vectors.
public enum Similarity {
    /// The cosine of two unit vectors of equal length, −1…1.
    public static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
        precondition(a.count == b.count, "templates of \(a.count) and \(b.count) numbers")
        return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
