import Network
import Testing

@Suite("Parameters of a network")
struct ParametersTests {
    @Test("the seed alone decides random weights")
    func seedDecides() throws {
        let graph = try resNet29(side: 150, dimension: 128)
        let first = NetworkParameters(graph, seed: 1)
        #expect(first.values == NetworkParameters(graph, seed: 1).values)
        #expect(first.values != NetworkParameters(graph, seed: 2).values)
        #expect(first.values.count == graph.parameterCount)
    }
}
