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

    @Test("a face between the review limit and the threshold is to be looked at")
    func review() {
        let rule = DecisionRule(minSimilarity: 0.5, review: 0.25)
        #expect(rule.decision(first: 0.5, second: nil) == .match)
        #expect(rule.decision(first: Float(0.5).nextDown, second: 0.5) == .review)
        #expect(rule.decision(first: 0.25, second: nil) == .review)
        #expect(rule.decision(first: Float(0.25).nextDown, second: nil) == .unknown)
        #expect(DecisionRule(minSimilarity: nil, review: 0.25).decision(first: 0.3, second: nil) == .review)
        #expect(DecisionRule(minSimilarity: 0.5).decision(first: 0.49, second: nil) == .unknown)
    }

    @Test("is the surer the farther from the threshold, in the measure of the network's thresholds")
    func certainty() {
        let rule = DecisionRule(minSimilarity: 0.5, perhaps: 0.25)
        #expect(rule.certainty(of: 0.75) == .clear)
        #expect(rule.certainty(of: Float(0.75).nextDown) == .close)
        #expect(rule.certainty(of: 0.5) == .close)
        #expect(rule.certainty(of: Float(0.5).nextDown) == .perhaps)
        #expect(rule.certainty(of: 0.25) == .perhaps)
        #expect(rule.certainty(of: Float(0.25).nextDown) == nil)
        #expect(rule.certainty(of: nil) == nil)
        #expect(DecisionRule(minSimilarity: 0.5).certainty(of: 0.9) == nil)
        #expect(DecisionRule(minSimilarity: nil, perhaps: 0.2).certainty(of: 0.9) == nil)
        #expect(DecisionRule(minSimilarity: 0.5, review: 0.125, perhaps: 0.25).certainty(of: 0.2) == .perhaps)
    }

    @Test("the default margin is a tenth of the way to 1, and never more than 0.05")
    func defaultMargin() {
        #expect(abs(DecisionRule.margin(at: 0.94) - 0.006) < 1e-12)
        #expect(DecisionRule.margin(at: 0.49) == 0.05)
        #expect(DecisionRule.margin(at: -1) == 0.05)
        #expect(DecisionRule.margin(at: 1) == 0)
        #expect(DecisionRule.margin(at: nil) == 0)
    }
}
