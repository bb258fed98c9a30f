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
        /// The epoch whose weights these are, from 1; nil if that is not recorded.
        public var kept: Int?
        /// SHA-256 of `validation-people.txt`, the names of the people held out; nil if that is not recorded.
        public var validationPeople: String?
        /// The loss and its settings, in words.
        public var loss: String
        /// Share of pairs of held-back people that were judged rightly; nil if none were held back.
        public var accuracy: Double?
        /// On what `accuracy` was measured, and how.
        public var measured: String?
        /// Share of searches for held-back people that return them first, one photo of each enrolled.
        public var rankOne: Double?
        /// FNIR at an FPIR of 1 %, half of the held-back people enrolled; nil if they are too few.
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
            falseNegativeRate: Double? = nil, initial: Initial? = nil, kept: Int? = nil,
            validationPeople: String? = nil
        ) {
            self.dataFingerprint = dataFingerprint
            (self.people, self.photos) = (people, photos)
            (self.seed, self.epochs, self.loss) = (seed, epochs, loss)
            (self.accuracy, self.measured) = (accuracy, measured)
            (self.rankOne, self.falseNegativeRate, self.initial) = (rankOne, falseNegativeRate, initial)
            (self.kept, self.validationPeople) = (kept, validationPeople)
        }
    }
}
