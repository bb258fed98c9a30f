internal import Evaluation
internal import Network

/// How often a gallery misses those who are in it when strangers seldom match: the people held out are dealt into
/// enrolled and strangers, several times, since a single deal says little where one in a hundred strangers counts.
struct OpenSet: Sendable {
    /// The most people, and as many probes: memory and time follow the product.
    private static let limit = 3000
    /// Searches for strangers below which a share of one in a hundred is no more than a guess.
    private static let enoughStrangers = 100

    /// The share of searches for strangers that may match.
    static let falsePositiveRate = 0.01

    private let people: [Int]
    private let enrolled: [Int]
    private let probes: [Int]
    /// Of each deal, which of `enrolled` stay so.
    private let deals: [[Bool]]

    /// - Parameters:
    ///   - people: whose photo each one is.
    ///   - enrolled: one photo of each person.
    ///   - probes: other photos of these people.
    init(people: [Int], enrolled: [Int], probes: [Int], random: inout SeededNumbers) {
        self.people = people
        self.enrolled = Array(enrolled.prefix(Self.limit))
        let known = Set(self.enrolled.map { people[$0] })
        self.probes = Array(probes.lazy.filter { known.contains(people[$0]) }.prefix(Self.limit))
        var deals: [[Bool]] = []
        for _ in 0..<10 {
            let order = self.enrolled.indices.shuffled(using: &random)
            var deal = Array(repeating: false, count: order.count)
            for place in order.prefix((order.count + 1) / 2) { deal[place] = true }
            deals.append(deal)
        }
        self.deals = deals
    }

    /// FNIR at an FPIR of 1 %, the mean over the deals; nil if strangers are too few to tell, or nobody enrolled is
    /// searched.
    ///
    /// - Parameter templates: one a photo, of unit length; nil if there is none: a search without an answer.
    func falseNegativeRate(_ templates: [[Float]?]) throws(TrainingError) -> Double? {
        let searched = probes + enrolled
        guard let dimension = searched.lazy.compactMap({ templates[$0]?.count }).first else { return nil }
        func matrix(_ photos: [Int]) -> Matrix {
            let empty = Array(repeating: Float(0), count: dimension)
            return Matrix(
                values: photos.flatMap { templates[$0] ?? empty }, rows: photos.count, columns: dimension)
        }
        let similarities = try matrix(searched).times(matrix(enrolled).transposed)
        let rates = deals.compactMap { deal in
            rate(searches(deal, searched, similarities, templates))
        }
        guard rates.count == deals.count else { return nil }
        return rates.reduce(0, +) / Double(rates.count)
    }

    /// All probes, and the photos of those who are not enrolled in this deal.
    private func searches(
        _ deal: [Bool], _ searched: [Int], _ similarities: [Float], _ templates: [[Float]?]
    ) -> [SearchOutcome] {
        var place: [Int: Int] = [:]
        for (index, photo) in enrolled.enumerated() { place[people[photo]] = index }
        return searched.indices.compactMap { row in
            let photo = searched[row]
            let own = place[people[photo]].flatMap { deal[$0] ? $0 : nil }
            if row >= probes.count, own != nil { return nil }
            var (best, similarity) = (-1, -Float.infinity)
            for column in enrolled.indices where deal[column] && templates[enrolled[column]] != nil {
                let value = similarities[row * enrolled.count + column]
                // A tie goes to the stranger: a network that gives one template to all would find everyone else.
                if value > similarity || (value == similarity && best == own) {
                    (best, similarity) = (column, value)
                }
            }
            guard best >= 0, templates[photo] != nil else {
                return SearchOutcome(mateRank: nil, topSimilarity: nil, isMated: own != nil)
            }
            return SearchOutcome(
                mateRank: best == own ? 1 : nil, topSimilarity: similarity, isMated: own != nil)
        }
    }

    private func rate(_ outcomes: [SearchOutcome]) -> Double? {
        do throws(EvaluationError) {
            let rates = try IdentificationRates(outcomes)
            guard rates.nonMatedCount >= Self.enoughStrangers, rates.matedCount > 0 else { return nil }
            let threshold = try rates.threshold(falsePositiveRate: Self.falsePositiveRate)
            return try rates.falseNegativeRate(threshold: threshold.similarity).value
        } catch {
            // Only too few searches lead here, and then nothing can be said.
            return nil
        }
    }
}
