import FaceImage
import Gallery

/// A limit of enrolment that a face misses and that is used all the same: to search, to compare, or for a matrix.
///
/// A line of JSON for each, and a line on standard error.
struct FaceWarning: Encodable, Sendable {
    let reason: RefusalReason
    let measured: Double?
    let limit: Double?

    /// Why enrolment, with its default limits, would refuse a face of a photo; nil where it would not.
    ///
    /// Each reason is told on standard error at once.
    static func tell(_ face: Face, of photo: String, _ encoder: PhotoEncoder, _ console: Console) -> [Self]? {
        let refusals = QualityGate.standard(detectsFaces: encoder.detectsFaces).refusals(of: face, in: photo)
        for refusal in refusals {
            console.note("warning: \(printable(refusal.message)) to enrol it (\(refusal.reason.rawValue))")
        }
        guard !refusals.isEmpty else { return nil }
        return refusals.map { Self(reason: $0.reason, measured: $0.measured, limit: $0.limit) }
    }

    /// Says that a photo shows several faces, where the largest is used unasked.
    static func tellSeveral(_ count: Int, in photo: String, _ console: Console) -> [Self]? {
        guard count > 1 else { return nil }
        console.note(
            "warning: \(printable(photo)): \(count) faces were found, and the largest is used (several_faces)")
        return [Self(reason: .severalFaces, measured: Double(count), limit: 1)]
    }
}

/// Both lists as one; nil where there is neither.
func joined(_ warnings: [FaceWarning]?, _ others: [FaceWarning]?) -> [FaceWarning]? {
    let all = (warnings ?? []) + (others ?? [])
    return all.isEmpty ? nil : all
}
