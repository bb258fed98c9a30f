import Gallery
import Testing

@Suite("A decision")
struct DecisionTests {
    @Test("the first candidate matches at the threshold and not below it")
    func threshold() {
        let rule = DecisionRule(minSimilarity: 0.5)
        #expect(rule.decision(first: 0.5, second: 0.2) == .match)
        #expect(rule.decision(first: Float(0.5).nextDown, second: 0.2) == .unknown)
        #expect(rule.decision(first: nil, second: nil) == .unknown)
        #expect(rule.decision(first: 0.9, second: nil) == .match)
    }

    @Test("two subjects within the margin are ambiguous, and without a margin only a tie is")
    func margin() {
        let wide = DecisionRule(minSimilarity: 0.5, minMargin: 0.25)
        #expect(wide.decision(first: 0.75, second: 0.5) == .match)
        #expect(wide.decision(first: 0.75, second: 0.625) == .ambiguous)
        #expect(wide.decision(first: 0.4, second: 0.4) == .unknown)
        let none = DecisionRule(minSimilarity: 0.5)
        #expect(none.decision(first: 0.75, second: 0.75) == .ambiguous)
        #expect(none.decision(first: 0.75, second: Float(0.75).nextDown) == .match)
    }

    @Test("nothing matches where no threshold is known")
    func noThreshold() {
        #expect(DecisionRule(minSimilarity: nil).decision(first: 1, second: nil) == .unknown)
    }
}
