internal import Evaluation
import GalleryModel
import Glibc
import Network

/// How a gallery decides, where it was told so; what it was not told follows from its network's measurements.
///
/// Stored in the gallery. A change of its network forgets all of it: similarities of two networks do not compare.
public struct DecisionSettings: Sendable, Hashable {
    /// Cosine from which a search names somebody, −1…1.
    public var threshold: Double?
    /// By how much the first candidate must be more similar than the second, as a difference of cosines, 0…2.
    public var margin: Double?
    /// Cosine from which a face below the threshold is to be looked at by a person (`Decision.review`), −1…1.
    public var review: Double?

    /// Collects what is told.
    public init(threshold: Double? = nil, margin: Double? = nil, review: Double? = nil) {
        (self.threshold, self.margin, self.review) = (threshold, margin, review)
    }

    /// One of the numbers.
    public enum Part: String, Sendable, CaseIterable {
        case threshold, margin, review

        /// What it may be.
        public var range: ClosedRange<Double> { self == .margin ? 0...2 : -1...1 }

        var note: GalleryNote {
            switch self {
            case .threshold: GalleryNote("threshold")
            case .margin: GalleryNote("margin")
            case .review: GalleryNote("review")
            }
        }
    }
}

extension FaceGallery {
    /// How the gallery decides, where it was told so.
    ///
    /// - Throws: `.store` with `damaged` where what is stored cannot be read.
    public func decisionSettings() throws(GalleryError) -> DecisionSettings {
        try read { state throws(StoreError) in try decisionSettings(state) }
    }

    func decisionSettings(_ state: any GalleryReading) throws(StoreError) -> DecisionSettings {
        func number(_ part: DecisionSettings.Part) throws(StoreError) -> Double? {
            guard let bytes = try state.note(part.note) else { return nil }
            guard let value = Double(String(decoding: bytes, as: UTF8.self)), part.range.contains(value) else {
                throw damaged("its \(part.rawValue) is not a number from \(part.range)")
            }
            return value
        }
        return DecisionSettings(
            threshold: try number(.threshold), margin: try number(.margin), review: try number(.review))
    }

    /// Tells the gallery how to decide, in place of what it was told before; durable when this returns.
    ///
    /// - Parameters:
    ///   - part: what is set.
    ///   - value: within the part's range; `nil` forgets what was set.
    /// - Throws: `.badArgument` for a number out of range; `.store`.
    public func set(_ part: DecisionSettings.Part, to value: Double?) throws(GalleryError) {
        if let value, !part.range.contains(value) {
            throw .badArgument(
                "the \(part.rawValue) is \(value); it must be from \(part.range.lowerBound) to \(part.range.upperBound)"
            )
        }
        try wrap { () throws(StoreError) in
            try storage.keep(value.map { Array("\($0)".utf8) }, as: part.note)
        }
    }

    /// The similarity from which a search names somebody: what the gallery was told, or its network's; nil if none is
    /// known.
    ///
    /// - Throws: `.store`.
    public func identificationThreshold() throws(GalleryError) -> Double? {
        try read { state throws(StoreError) in
            if let own = try decisionSettings(state).threshold { return own }
            return try calibratedSearch(Search(), state)?.threshold ?? card?.identificationSimilarity
        }
    }

    /// The rule by which a search decides.
    ///
    /// - Parameters:
    ///   - search: what the caller asks for; that comes first.
    ///   - state: the gallery's own settings are of this state; they come second.
    ///   - calibrated: what the gallery's calibration says; it comes third, the network's measurements last.
    func rule(
        _ search: Search, _ state: any GalleryReading, _ calibrated: CalibratedSearch?
    ) throws(StoreError) -> DecisionRule {
        let own = try decisionSettings(state)
        let asked = search.minSimilarity ?? (search.targetFPIR == nil ? nil : calibrated?.threshold)
        let threshold = asked ?? own.threshold ?? calibrated?.threshold ?? card?.identificationSimilarity
        var rule = DecisionRule(
            minSimilarity: threshold,
            minMargin: search.minMargin ?? own.margin ?? DecisionRule.margin(at: threshold),
            review: search.review ?? own.review ?? calibrated?.review)
        if let card, let identification = card.identification, let threshold {
            // Below what a search needs, and above what a single comparison needs: how far apart the two were measured.
            let band = identification.similarity - card.threshold.similarity
            if band > 0 { rule.perhaps = threshold - band }
        }
        return rule
    }

    /// How often a search for a stranger names somebody, in a gallery as large as this one; nil if that was not
    /// measured for the threshold that the gallery has.
    ///
    /// - Throws: `.store`.
    public func strangerRate() throws(GalleryError) -> StrangerRate? {
        if let calibration = try calibration(), let threshold = try identificationThreshold() {
            return StrangerRate(calibration, at: threshold, try size())
        }
        guard let measured = card?.identification,
            try identificationThreshold() == measured.similarity
        else { return nil }
        return StrangerRate(
            measured: measured.falsePositiveRate, among: measured.enrolled, on: measured.measured,
            subjects: try size().subjects)
    }
}

/// How often a search for somebody who is not enrolled names somebody nevertheless (FPIR).
public struct StrangerRate: Sendable, Equatable {
    /// The share for this gallery's size, 0…1: computed from the measured one, as if each subject were taken for the
    /// stranger independently of the others.
    public let expected: Double
    /// The share that was measured.
    public let measured: Double
    /// Subjects among whom it was measured.
    public let among: Int
    /// On what it was measured.
    public let on: String
    /// Subjects of this gallery.
    public let subjects: Int

    init(_ calibration: GalleryCalibration, at threshold: Double, _ size: GallerySize) {
        let strangers = calibration.strangers
        expected = strangers.falsePositiveRate(at: threshold, in: size.references)
        measured = strangers.falsePositiveRate(at: threshold, in: calibration.references)
        (among, subjects) = (calibration.subjects, size.subjects)
        on =
            calibration.source == .given
            ? "\(strangers.count) strangers that were given" : "\(strangers.count) references of this gallery"
    }

    init(measured: Double, among: Int, on source: String, subjects: Int) {
        (self.measured, self.among, self.on, self.subjects) = (measured, among, source, subjects)
        let share = min(max(measured, 0), 1)
        expected = share == 1 ? 1 : -expm1(log1p(-share) * Double(subjects) / Double(max(1, among)))
    }
}
