internal import Evaluation
internal import Gallery
internal import GalleryModel

/// Takes the answers of one mode, and keeps what rates and lists need of them.
struct SearchRecorder {
    private(set) var scores = IdentificationScores()
    /// The best similarity of each probe; NaN where it was not searched.
    private(set) var tops: [Float]
    private(set) var falseMatches: WorstList
    private(set) var misses: WorstList
    private(set) var searched = 0
    private let people: PeopleTable
    private let probes: ProbeSet

    init(_ probes: ProbeSet, _ people: PeopleTable, worst: Int) {
        (self.probes, self.people) = (probes, people)
        tops = Array(repeating: .nan, count: probes.probes.count)
        falseMatches = WorstList(limit: worst)
        misses = WorstList(limit: worst)
    }

    /// A probe of which no template could be made.
    mutating func addNotAcquired(_ probe: Int) throws(EvaluationError) {
        searched += 1
        let person = people.personOfProbe[probe]
        let isMated = people.isMated(probe)
        try scores.add(
            .notAcquired(isMated: isMated, person: person), group: person.flatMap { people.people[$0].group })
        guard isMated, misses.takes(-3) else { return }
        let search = WorstSearch(
            probe: probes.probes[probe].label, person: person.map { people.people[$0].name }, candidate: nil,
            candidateSource: nil, similarity: nil)
        misses.add(.init(key: -3, search: search, isFirst: false))
    }

    /// The answer to a probe.
    mutating func add(_ answer: Answer, of probe: Int, _ gallery: FaceGallery) throws {
        searched += 1
        let number = people.personOfProbe[probe]
        let person = number.map { people.people[$0] }
        let isMated = person?.isEnrolled ?? false
        let first = answer.candidates.first
        tops[probe] = first?.similarity ?? -.infinity
        let mate = isMated ? answer.candidates.first { $0.subject == person?.name } : nil
        try scores.add(
            SearchOutcome(
                mateRank: mate?.rank, topSimilarity: first?.similarity, isMated: isMated, person: number,
                mateSimilarity: mate?.similarity, isAcquired: true),
            group: person?.group, candidateGroup: first.flatMap { people.groups.group(of: $0.subject) })
        guard let first else { return }
        func search() throws(GalleryError) -> WorstSearch {
            WorstSearch(
                probe: probes.probes[probe].label, person: person?.name, candidate: first.subject,
                candidateSource: try gallery.reference(first.reference)?.source, similarity: first.similarity)
        }
        if !isMated {
            guard falseMatches.takes(first.similarity) else { return }
            falseMatches.add(.init(key: first.similarity, search: try search(), isFirst: false))
        } else {
            // Somebody else at rank one is worse than the right one with little similarity.
            let key = mate?.rank == 1 ? -1 - first.similarity : first.similarity
            guard misses.takes(key) else { return }
            misses.add(.init(key: key, search: try search(), isFirst: mate?.rank == 1))
        }
    }
}
