internal import Network

/// Judges parameters on the chips of people who are held out, by the network as galleries run it.
struct Validator {
    let set: ValidationSet
    private let chips: Chips
    private let card: NetworkCard
    private let graph: Graph
    private let threads: Int
    private let loss: ValidationLoss?
    /// Photos in work at once; memory follows it.
    private static let part = 64

    init(
        _ chips: Chips, card: NetworkCard, graph: Graph, settings: TrainingSettings
    ) throws(TrainingError) {
        let set = try ValidationSet(people: chips.people, seed: settings.seed)
        self.set = set
        loss = ValidationLoss(settings, people: chips.people, photos: Self.wanted(set))
        (self.chips, self.card, self.graph, threads) = (chips, card, graph, settings.threads)
    }

    /// The figures of templates, and what the training's loss makes of them.
    func figures(_ templates: [[Float]?]) throws(TrainingError) -> (ValidationFigures, ValidationDistances) {
        var (figures, distances) = try set.figures(templates)
        figures.loss = try loss?.mean(templates)
        let cosines = distances.different.map { 1 - Double($0) / 2 }
        if !cosines.isEmpty { figures.differentSimilarity = cosines.reduce(0, +) / Double(cosines.count) }
        return (figures, distances)
    }

    /// The templates of all photos that pairs or searches need; nil for others, and if there is none.
    ///
    /// - Throws: `network`.
    func templates(_ parameters: NetworkParameters) throws(TrainingError) -> [[Float]?] {
        var templates: [[Float]?] = Array(repeating: nil, count: chips.count)
        let order = Self.wanted(set)
        do throws(NetworkError) {
            let network = try EmbeddingNetwork(
                card: card, graph: graph, parameters: parameters, threads: threads)
            for start in stride(from: 0, to: order.count, by: Self.part) {
                let part = Array(order[start..<min(start + Self.part, order.count)])
                for (place, row) in zip(part, try rows(part, network)) { templates[place] = row }
            }
        } catch {
            throw .network(error)
        }
        return templates
    }

    /// Photos that pairs or searches need, in order.
    private static func wanted(_ set: ValidationSet) -> [Int] {
        var wanted = Set(set.enrolled + set.probes)
        for pair in set.pairs { wanted.formUnion([pair.first, pair.second]) }
        return wanted.sorted()
    }

    /// The share of the photos that pairs or searches need that have a template, 0…1.
    func share(of templates: [[Float]?]) -> Double {
        let wanted = Self.wanted(set)
        return Double(wanted.count { templates[$0] != nil }) / Double(max(1, wanted.count))
    }

    /// A chip for which the network has no template costs itself alone.
    private func rows(_ part: [Int], _ network: EmbeddingNetwork) throws(NetworkError) -> [[Float]?] {
        let dimension = network.dimension
        do throws(NetworkError) {
            let all = try network.templates(of: part.map(chips.chip))
            return part.indices.map { Array(all[$0 * dimension..<($0 + 1) * dimension]) }
        } catch {
            guard case .notFinite = error else { throw error }
            if part.count == 1 { return [nil] }
            var all: [[Float]?] = []
            for place in part { all += try rows([place], network) }
            return all
        }
    }
}
