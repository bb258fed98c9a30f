package import Gallery

/// How a gallery decides, where it was told so: the line of `set`, and a part of that of `stats`.
public struct DecisionSettingsRecord: Codable, Hashable, Sendable {
    /// Cosine from which a search names somebody; nil if the network's counts.
    public var threshold: Double?
    /// By how much the first candidate must lead the second; nil if the default counts.
    public var margin: Double?
    /// Cosine from which a face below the threshold is to be looked at; nil if there is no such limit.
    public var review: Double?

    /// What a gallery was told.
    package init(_ settings: DecisionSettings) {
        (threshold, margin, review) = (settings.threshold, settings.margin, settings.review)
    }
}
