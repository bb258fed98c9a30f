extension NetworkCard {
    /// How a network's weights were trained: what it takes to judge them, and to train them once more.
    public struct Training: Codable, Equatable, Sendable {
        /// SHA-256 that tells these photos from any others.
        public var dataFingerprint: String
        /// People and photos the weights were trained on, without those held back for validation.
        public var people: Int, photos: Int
        /// Where every random number came from.
        public var seed: UInt64
        /// How often every photo was seen.
        public var epochs: Int
        /// The loss and its settings, in words.
        public var loss: String
        /// Share of pairs of held-back people that were judged rightly; nil where none were held back.
        public var accuracy: Double?
        /// On what `accuracy` was measured, and how.
        public var measured: String?
        /// Share of searches for held-back people that return them first, one photo of each enrolled.
        public var rankOne: Double?
        /// FNIR at an FPIR of 1 %, half of the held-back people enrolled; nil where they are too few.
        public var falseNegativeRate: Double?
        /// The network that training began with; nil for random weights.
        public var initial: Initial?

        /// What training began with, judged on the same people in the same way.
        public struct Initial: Codable, Equatable, Sendable {
            /// SHA-256 of the weights.
            public var weights: String
            /// As in `Training`, before the first step.
            public var accuracy: Double, rankOne: Double, falseNegativeRate: Double?

            /// All fields, as they are read from a card.
            public init(weights: String, accuracy: Double, rankOne: Double, falseNegativeRate: Double? = nil) {
                self.weights = weights
                (self.accuracy, self.rankOne, self.falseNegativeRate) = (accuracy, rankOne, falseNegativeRate)
            }
        }

        /// All fields, as they are read from a card.
        public init(
            dataFingerprint: String, people: Int, photos: Int, seed: UInt64, epochs: Int, loss: String,
            accuracy: Double? = nil, measured: String? = nil, rankOne: Double? = nil,
            falseNegativeRate: Double? = nil, initial: Initial? = nil
        ) {
            self.dataFingerprint = dataFingerprint
            (self.people, self.photos) = (people, photos)
            (self.seed, self.epochs, self.loss) = (seed, epochs, loss)
            (self.accuracy, self.measured) = (accuracy, measured)
            (self.rankOne, self.falseNegativeRate, self.initial) = (rankOne, falseNegativeRate, initial)
        }
    }

    /// What `load` refuses the card for; nil for a good one.
    package var fault: String? {
        if format != 1 { return "format \(format); this build reads format 1" }
        if name.isEmpty { return "name is empty" }
        if !(1...4096).contains(dimension) { return "dimension \(dimension) is outside 1...4096" }
        if !(16...1024).contains(input.side) { return "input.side \(input.side) is outside 16...1024" }
        if input.mean.count != 3 { return "input.mean has \(input.mean.count) numbers, not 3" }
        if !input.mean.allSatisfy(\.isFinite) { return "input.mean is not finite" }
        if !input.scale.isFinite || input.scale <= 0 { return "input.scale \(input.scale) is not above 0" }
        if ![Alignment.fivePoint, Alignment.wholePhoto].contains(alignment.kind) {
            return
                "alignment.kind \"\(alignment.kind)\" is unknown; this build knows \(Alignment.fivePoint) and "
                + Alignment.wholePhoto
        }
        if !(0...4).contains(alignment.padding) {
            return "alignment.padding \(alignment.padding) is outside 0...4"
        }
        if weights.file.isEmpty || weights.file.contains("/") || weights.file.hasPrefix(".") {
            return "weights.file \"\(weights.file)\" is not the plain name of a file"
        }
        let digits = Set("0123456789abcdef")
        if weights.sha256.count != 64 || !weights.sha256.allSatisfy(digits.contains) {
            return "weights.sha256 is not 64 lower-case hexadecimal digits"
        }
        if !(-1...1).contains(threshold.similarity) {
            return "threshold.similarity \(threshold.similarity) is not a cosine"
        }
        if !(0...1).contains(threshold.falseMatchRate) {
            return "threshold.falseMatchRate \(threshold.falseMatchRate) is not a share"
        }
        for (name, share) in [
            ("accuracy", training?.accuracy), ("rankOne", training?.rankOne),
            ("falseNegativeRate", training?.falseNegativeRate),
            ("initial.accuracy", training?.initial?.accuracy), ("initial.rankOne", training?.initial?.rankOne),
            ("initial.falseNegativeRate", training?.initial?.falseNegativeRate),
        ] {
            if let share, !(0...1).contains(share) { return "training.\(name) \(share) is not a share" }
        }
        return nil
    }
}
