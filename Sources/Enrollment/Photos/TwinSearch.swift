import Gallery
import GalleryModel
import Network

/// Another subject that looks like a face that is to be enrolled.
public struct Twin: Sendable, Equatable {
    /// Who it is.
    public let subject: String
    /// Cosine, −1…1.
    public let similarity: Float
}

/// Looks for faces that are enrolled under another name, in the gallery and among those that are to be enrolled with
/// them.
struct TwinSearch {
    /// Faces that a dry run, which commits none, keeps to compare with.
    private static let remembered = 4_096

    private let gallery: FaceGallery
    private let policy: TwinPolicy
    private let isDryRun: Bool
    private var search = FaceGallery.Search()
    /// Cosine from which a face looks like another subject's.
    let threshold: Double
    private var earlier: [NewReference] = []

    /// - Returns: nil if nothing is to be searched.
    init?(_ gallery: FaceGallery, _ settings: EnrollmentSettings) throws {
        guard settings.twins != .allow else { return nil }
        guard let threshold = try settings.minSimilarity ?? gallery.identificationThreshold() else {
            throw EnrollmentError.noThreshold(network: gallery.settings.networkName)
        }
        (self.gallery, self.threshold) = (gallery, threshold)
        (policy, isDryRun) = (settings.twins, settings.isDryRun)
        // A face's own subject, and one other.
        search.count = 2
        search.threads = settings.jobs
    }

    /// The most similar other subject of each face that reaches the threshold; of the faces before it in the batch
    /// only those count that will be enrolled.
    ///
    /// One search of the gallery for each face, and O(batch²) comparisons within.
    mutating func twins(of batch: [NewReference]) throws(GalleryError) -> [Twin?] {
        guard !batch.isEmpty else { return [] }
        let answers = try gallery.identify(probes: batch.flatMap(\.template), search)
        var accepted = earlier
        var twins: [Twin?] = []
        for (face, answer) in zip(batch, answers) {
            var best: Twin?
            for candidate in answer.candidates where !Self.areOne(candidate.subject, face.subject) {
                best = best ?? Twin(subject: candidate.subject, similarity: candidate.similarity)
            }
            for other in accepted where !Self.areOne(other.subject, face.subject) {
                let similarity = Similarity.cosine(face.template[...], other.template[...])
                if similarity > best?.similarity ?? -2 {
                    best = Twin(subject: other.subject, similarity: similarity)
                }
            }
            let twin = best.flatMap { Double($0.similarity) >= threshold ? $0 : nil }
            twins.append(twin)
            if twin == nil || policy == .report { accepted.append(face) }
        }
        earlier = isDryRun ? accepted.suffix(Self.remembered) : []
        return twins
    }

    /// Names compare byte for byte, as in the store.
    private static func areOne(_ name: String, _ other: String) -> Bool {
        name.utf8.elementsEqual(other.utf8)
    }
}

extension Refusal {
    static func duplicatePerson(_ photo: String, _ twin: Twin, threshold: Double) -> Refusal {
        Refusal(
            .duplicatePerson,
            "\(photo): looks like '\(twin.subject)', who is already enrolled (similarity \(fixed(twin.similarity)))",
            measured: Double(twin.similarity), limit: threshold, other: twin.subject)
    }
}
