public import Concurrency
public import GalleryModel
import Network

/// What to look for in an audit, and how.
public struct AuditSearch: Sendable {
    /// From this cosine on, two references resemble each other; if `nil`, hubs are not looked for.
    public var minSimilarity: Float?
    /// How many other subjects a reference may resemble before it counts as a hub.
    ///
    /// If `nil`: ten, or ten times the gallery's average if that is more.
    public var mostLikenesses: Int?
    /// Threads that compare, 1 or more.
    public var threads = 1
    /// Called with the share of the work that is done, 0…1, by one thread at a time.
    public var progress: @Sendable (Double) -> Void = { _ in }
    /// Cancels the audit, or ends it at a deadline; `nil` for neither.
    public var cancellation: Cancellation?

    /// An audit that looks for everything but hubs.
    public init() {}
}

/// A reference that looks wrong.
public struct AuditFinding: Sendable, Equatable {
    /// What is wrong with it.
    public enum Reason: String, Sendable, CaseIterable {
        /// It is far more similar to the mean of all references than others are: it looks like everybody.
        case likeEverybody = "like_everybody"
        /// It is far less similar to the mean of all references than others are: perhaps it does not show a face.
        case likeNobody = "like_nobody"
        /// It resembles references of many other subjects.
        case hub
        /// It is not similar to any other reference of its subject: perhaps it shows somebody else.
        case farFromOwn = "far_from_own"
    }

    /// What is wrong.
    public let reason: Reason
    /// The subject that it is enrolled as.
    public let subject: String
    /// Its number.
    public let reference: ReferenceID
    /// Where it came from.
    public let source: String
    /// What was measured: a cosine, or for a hub the number of other subjects.
    public let value: Double
    /// The limit that this value exceeds.
    public let limit: Double
}

/// What an audit found.
public struct AuditReport: Sendable {
    /// The findings, by reason, the worst of each first.
    public let findings: [AuditFinding]
    /// References that were looked at.
    public let references: Int
}

extension FaceGallery {
    /// Looks for references that look like nobody's or everybody's, or like others than their subject.
    ///
    /// Limits follow from the gallery itself, by medians, so that what is wrong with some does not move them:
    /// - `likeEverybody`, `likeNobody`: the cosine with the mean of all references differs from its median by more
    ///   than six deviations;
    /// - `farFromOwn`: the best cosine with another reference of the same subject is more than four deviations below
    ///   its median over all references that have such another;
    /// - `hub`: see `AuditSearch.mostLikenesses`.
    ///
    /// A deviation is 1.4826 times the median distance from the median, at least 0.01. A gallery of fewer than 20
    /// references (of 20 with others of their subject, for the third) has no such limits, and no such findings.
    /// O(references · dimension), with hubs O(references² · dimension / 2); memory: 20 bytes per reference, with hubs a
    /// byte a number and 40 bytes more.
    /// - Parameter search: where it names no similarity, the gallery's threshold is taken.
    /// - Throws: `.store`, with `cancelled` where the caller wished it.
    public func audit(_ search: AuditSearch = AuditSearch()) throws(GalleryError) -> AuditReport {
        var search = search
        try requireCard()
        if search.minSimilarity == nil {
            search.minSimilarity = try identificationThreshold().map { Float($0) }
        }
        return try withTemplates { [search] templates in
            var auditor = Auditor(templates)
            return try auditor.report(search)
        }
    }
}
