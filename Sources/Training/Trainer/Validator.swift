internal import Network

/// Judges parameters on the chips of people who are held out, by the network as galleries run it.
struct Validator {
    let set: ValidationSet
    private let chips: Chips
    private let card: NetworkCard
    private let graph: Graph
    private let threads: Int
    /// Photos in work at once; memory follows it.
    private static let part = 64

    init(_ chips: Chips, card: NetworkCard, graph: Graph, seed: UInt64, threads: Int) throws(TrainingError) {
        set = try ValidationSet(people: chips.people, seed: seed)
        (self.chips, self.card, self.graph, self.threads) = (chips, card, graph, threads)
    }

    /// The templates of all photos that pairs or searches need; nil for others, and where there is none.
    ///
    /// - Throws: `network`.
    func templates(_ parameters: Parameters) throws(TrainingError) -> [[Float]?] {
        var templates: [[Float]?] = Array(repeating: nil, count: chips.count)
        let order = wanted
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
    private var wanted: [Int] {
        var wanted = Set(set.enrolled + set.probes)
        for pair in set.pairs { wanted.formUnion([pair.first, pair.second]) }
        return wanted.sorted()
    }

    /// The share of the photos that pairs or searches need that have a template, 0…1.
    func share(of templates: [[Float]?]) -> Double {
        let wanted = wanted
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
