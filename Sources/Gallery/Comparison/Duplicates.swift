public import Concurrency
public import GalleryModel
import Network

/// How to search a gallery for people who are enrolled twice.
public struct DuplicateSearch: Sendable {
    /// From this cosine on, two subjects look like one person.
    public var minSimilarity: Float
    /// How many pairs to keep, the most similar; 1 or more.
    public var limit = 100_000
    /// Threads that compare, 1 or more.
    public var threads = 1
    /// Called with the share of the work that is done, 0…1, by one thread at a time.
    public var progress: @Sendable (Double) -> Void = { _ in }
    /// Cancels the search, or ends it at a deadline; `nil` for neither.
    public var cancellation: Cancellation?

    /// A search from a similarity on.
    public init(minSimilarity: Float) { self.minSimilarity = minSimilarity }
}

/// Two subjects that look like one person, with their most similar references.
public struct SubjectPair: Sendable, Equatable {
    /// One of the two, with the reference that is most like one of the other's.
    public struct Side: Sendable, Equatable {
        /// Its name.
        public let subject: String
        /// The reference.
        public let reference: ReferenceID
        /// Where that came from.
        public let source: String
    }

    /// Cosine, −1…1, of the two references.
    public let similarity: Float
    /// The side whose reference was enrolled earlier.
    public let first: Side
    /// The other.
    public let second: Side
}

/// What a search for people who are enrolled twice found.
public struct DuplicateReport: Sendable {
    /// The pairs, best first; of two subjects only the best.
    public let pairs: [SubjectPair]
    /// Whether there were more pairs than the limit, so that some are left out.
    public let isCut: Bool
    /// References that were compared, each with all others.
    public let references: Int
}

extension FaceGallery {
    /// Every pair of subjects that look like one person: their best similarity reaches a threshold.
    ///
    /// Exact: no pair is missed. Works on one state of the gallery; what is written meanwhile is not in it, and pages
    /// that are freed meanwhile are only used again afterwards. O(references² · dimension / 2) products of bytes;
    /// memory: one byte per number and about 40 bytes per reference, and the pairs.
    ///
    /// - Parameters:
    ///   - minSimilarity: the network's own threshold if `nil`.
    ///   - limit: the most pairs that are returned, 1 or more: the most similar ones.
    ///   - threads: 1 or more.
    ///   - cancellation: ends the comparison early.
    ///   - progress: called now and then with the share that is done, 0…1.
    /// - Throws: `.badArgument` where no threshold is known or the limit is below 1, `.store`, with `cancelled` where the caller
    ///   wished it.
    public func duplicates(
        minSimilarity: Double? = nil, limit: Int = 100_000, threads: Int = 1, cancellation: Cancellation? = nil,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws(GalleryError) -> DuplicateReport {
        try requireCard()
        let own = try identificationThreshold()
        guard let least = minSimilarity ?? own else {
            throw .badArgument(
                "no threshold is known for \(settings.networkName); give the similarity from which on two references are one person"
            )
        }
        guard limit >= 1 else { throw .badArgument("the limit of pairs must be 1 or more") }
        var search = DuplicateSearch(minSimilarity: Float(least))
        search.limit = limit
        search.threads = threads
        search.progress = progress
        search.cancellation = cancellation
        return try withTemplates { [search] in try DuplicateFinder(templates: $0).report(search) }
    }
}
