import Network
import TemplateStore

/// Whether two faces are one person's.
public struct Verification: Sendable, Equatable {
    /// Cosine, −1…1.
    public let similarity: Float
    /// Cosine at or above which they match; `nil` where none is known.
    public let threshold: Double?

    /// Whether the similarity reaches the threshold.
    public var isMatch: Bool { threshold.map { Double(similarity) >= $0 } ?? false }

    /// Judges a similarity by a threshold.
    public init(similarity: Float, threshold: Double?) {
        self.similarity = similarity
        self.threshold = threshold
    }
}

extension FaceGallery {
    /// Whether a face is a subject's.
    ///
    /// - Throws: `.store` for an unknown subject, `.wrongDimension`, `.badTemplate`.
    public func verify(
        _ template: [Float], subject name: String, fusion: Fusion = .max, minSimilarity: Double? = nil
    ) throws(GalleryError) -> Verification {
        guard template.count == settings.dimension else {
            throw .wrongDimension(gallery: settings.dimension, given: template.count)
        }
        let probe = try normalisedRows(template)
        let subject = try storage.subject(named: name)
        let similarities = try similarities(of: probe, to: subject.number)
        guard let best = similarities.max() else { throw .store(.unknownSubject(name: name)) }
        let similarity = fusion == .max ? best : similarities.reduce(0, +) / Float(similarities.count)
        return Verification(similarity: similarity, threshold: minSimilarity ?? defaultThreshold?.similarity)
    }
}
