import GalleryModel
import Network

/// Whether two faces are one person's.
public struct Verification: Sendable, Equatable {
    /// Cosine, −1…1.
    public let similarity: Float
    /// Cosine at or above which they match; `nil` if none is known.
    public let threshold: Double?

    /// Whether the similarity reaches the threshold.
    public var isMatch: Bool { threshold.map { Double(similarity) >= $0 } ?? false }

    /// Judges a similarity by a threshold; one that only rounding keeps from 1, or carries beyond, is 1.
    public init(similarity: Float, threshold: Double?) {
        self.similarity = Cosine.settled(similarity)
        self.threshold = threshold
    }
}

extension FaceGallery {
    /// Whether a face is a subject's.
    ///
    /// The answer is true of one state of the gallery.
    /// - Throws: `.store` for an unknown subject, `.wrongDimension`, `.badTemplate`, `.network` where the gallery's
    ///   network cannot be read.
    public func verify(
        _ template: [Float], subject name: String, fusion: Fusion = .max, minSimilarity: Double? = nil
    ) throws(GalleryError) -> Verification {
        guard template.count == settings.dimension else {
            throw .wrongDimension(gallery: settings.dimension, given: template.count)
        }
        let probe = try normalisedRows(template)
        try requireCard()
        let (all, own) = try read { state throws(StoreError) in
            guard let subject = try state.subject(named: name) else {
                throw .unknownSubject(name: name)
            }
            return (
                try similarities(state, of: probe, to: subject.number), try decisionSettings(state).threshold
            )
        }
        // A search needs a higher threshold than a comparison; without a network the gallery has only one.
        let threshold = minSimilarity ?? verificationThreshold?.similarity ?? own
        let similarity =
            fusion == .max ? all.reduce(-.infinity, max) : all.reduce(0, +) / Float(all.count)
        return Verification(similarity: similarity, threshold: threshold)
    }

    /// Whether two templates of the gallery's network are one person's.
    ///
    /// - Throws: `.wrongDimension`, `.badTemplate` with row 0 or 1, `.network` where the gallery's network cannot be
    ///   read.
    public func compare(
        _ first: [Float], _ second: [Float], minSimilarity: Double? = nil
    ) throws(GalleryError) -> Verification {
        for template in [first, second] where template.count != settings.dimension {
            throw .wrongDimension(gallery: settings.dimension, given: template.count)
        }
        try requireCard()
        let pair = try normalisedRows(first + second)
        let similarity = Similarity.cosine(pair[..<first.count], pair[first.count...])
        let own = try decisionSettings().threshold
        return Verification(
            similarity: similarity, threshold: minSimilarity ?? verificationThreshold?.similarity ?? own)
    }
}
