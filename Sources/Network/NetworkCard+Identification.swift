extension NetworkCard {
    /// The similarity (cosine, −1…1) from which a search names somebody, where one comparison's threshold is too low.
    ///
    /// A search compares its probe with everybody, so a stranger reaches a threshold for pairs the more often the more
    /// people are enrolled.
    public struct Identification: Codable, Equatable, Sendable {
        /// Cosine; higher is more alike.
        public var similarity: Double
        /// Share of searches for people who are not enrolled that return a candidate (FPIR).
        public var falsePositiveRate: Double
        /// Enrolled people among whom that share was measured.
        public var enrolled: Int
        /// On what that share was measured.
        public var measured: String

        /// All four, as they are read from a card.
        public init(similarity: Double, falsePositiveRate: Double, enrolled: Int, measured: String) {
            self.similarity = similarity
            self.falsePositiveRate = falsePositiveRate
            self.enrolled = enrolled
            self.measured = measured
        }

        /// What `load` refuses it for; nil for a good one.
        var fault: String? {
            if !(-1...1).contains(similarity) {
                return "identification.similarity \(similarity) is not a cosine"
            }
            if !(0...1).contains(falsePositiveRate) {
                return "identification.falsePositiveRate \(falsePositiveRate) is not a share"
            }
            return enrolled < 1 ? "identification.enrolled \(enrolled) is not above 0" : nil
        }
    }

    /// The similarity from which a search names somebody: `identification`'s, or that of `threshold`.
    public var identificationSimilarity: Double { identification?.similarity ?? threshold.similarity }
}
