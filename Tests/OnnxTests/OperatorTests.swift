import Network
import Testing

/// One operator on random images, beside what it should give.
struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let input: [Int]
    let build: @Sendable (inout TestModel) -> Void
    let expected: @Sendable (Grid) -> Grid

    /// - Parameter build: adds nodes that read `x` and make `y`.
    init(
        _ name: String, _ input: [Int] = [2, 3, 4], _ build: @escaping @Sendable (inout TestModel) -> Void,
        _ expected: @escaping @Sendable (Grid) -> Grid
    ) {
        (self.name, self.input, self.build, self.expected) = (name, input, build, expected)
    }

    var testDescription: String { name }

    /// Runs three images at once (a batch of two and one) and expects each to come out right.
    func check(within tolerance: Float = 1e-5) throws {
        var draws = Draws(UInt64(name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) }))
        let images = (0..<3).map { _ in draws.grid(input) }
        var model = TestModel(input)
        build(&model)
        let made = try #require(try answers(model, images)["y"])
        for (image, result) in zip(images, made) {
            let wanted = expected(image)
            #expect(result.shape == wanted.shape)
            #expect(result.distance(wanted) <= tolerance, "\(result.values) should be \(wanted.values)")
        }
    }
}

@Suite("Operators of imported networks")
struct OperatorTests {
    @Test("every activation is applied to each number", arguments: activationCases)
    func activate(_ one: Case) throws { try one.check() }

    @Test(
        "numbers are combined with others, spread where there is one for several", arguments: combinationCases)
    func combine(_ one: Case) throws { try one.check() }

    @Test("numbers are moved, cut, joined and framed", arguments: movementCases)
    func move(_ one: Case) throws { try one.check(within: 0) }

    @Test("windows slide as pads, strides, dilations, groups and ceil_mode say", arguments: windowCases)
    func slide(_ one: Case) throws { try one.check() }

    @Test("axes are reduced, normalised and multiplied", arguments: reductionCases)
    func reduce(_ one: Case) throws { try one.check() }

    @Test("planes are resized by each rule", arguments: resizingCases)
    func resize(_ one: Case) throws { try one.check() }
}
