public import Concurrency

/// How much of a gallery a search may skip.
public enum SearchMode: Equatable, Hashable, Sendable {
    /// Every template is compared.
    case exact

    /// At most this share of searches, 0…1, returns another best reference than an exact search would, according to
    /// the storage's own measurements.
    ///
    /// A storage that has not measured a loss this small compares everything.
    case maxSearchLoss(Double)
}

/// What a search of references asks for.
public struct SearchRequest: Sendable {
    /// References to return for each probe, 1…`most`.
    public var count: Int
    /// Exact, or with a share of searches that may miss their best answer.
    public var mode: SearchMode
    /// How many threads of this machine a batch of probes may use, 1 or more.
    public var threads: Int
    /// Cancels the search, or ends it at a deadline; `nil` for neither.
    public var cancellation: Cancellation?

    /// The most references that one search can return.
    public static let most = 10_000

    /// Collects the parts.
    public init(count: Int, mode: SearchMode, threads: Int = 1, cancellation: Cancellation? = nil) {
        (self.count, self.mode, self.threads, self.cancellation) = (count, mode, threads, cancellation)
    }

    /// Refuses a request that no storage can answer.
    ///
    /// - Throws: `misuse`.
    public func check() throws(StoreError) {
        guard (1...Self.most).contains(count) else {
            throw .misuse(reason: "the number of references is \(count); it must be 1 to \(Self.most)")
        }
        if case .maxSearchLoss(let loss) = mode, !(0...1).contains(loss) {
            throw .misuse(reason: "the search loss is \(loss); it must be 0 to 1")
        }
        guard threads >= 1 else {
            throw .misuse(reason: "the number of threads is \(threads); it must be 1 or more")
        }
    }
}

/// A reference near a probe, with the subject it belongs to.
public struct ReferenceHit: Sendable, Equatable {
    /// The reference.
    public let reference: ReferenceID
    /// The number of its subject.
    public let subject: SubjectNumber
    /// Cosine with the probe, −1…1.
    public let similarity: Float

    /// Makes a hit; a similarity that differs from 1 only by rounding becomes 1.
    public init(reference: ReferenceID, subject: SubjectNumber, similarity: Float) {
        self.reference = reference
        self.subject = subject
        self.similarity = Cosine.settled(similarity)
    }
}
