import Enrollment
import FaceImage
import Gallery
import Wire

extension WarningRecord {
    /// Why enrolment, with its default limits, would refuse a face of a photo; nil where it would not.
    ///
    /// Each reason is told on standard error at once.
    static func tell(_ face: Face, of photo: String, _ encoder: PhotoEncoder, _ console: Console) -> [Self]? {
        let doubt = face.isDoubtful ? [Self(doubtful: face)] : []
        for warning in doubt { console.note(warning.ofTheFace(in: photo)) }
        let refusals = QualityGate.standard(detectsFaces: encoder.detectsFaces).refusals(of: face, in: photo)
        for refusal in refusals {
            console.note("warning: \(printable(Advice.line(refusal))) to enrol it (\(refusal.reason.rawValue))")
        }
        guard !refusals.isEmpty || !doubt.isEmpty else { return nil }
        return doubt + refusals.map(Self.init)
    }

    /// Says of each finding beside the chosen face that it may be a face and does not count.
    static func tellDoubtful(_ faces: [Face], in photo: String, _ console: Console) -> [Self]? {
        let warnings = faces.map(Self.init(doubtful:))
        for warning in warnings { console.note(warning.besideAnother(in: photo)) }
        return warnings.isEmpty ? nil : warnings
    }

    /// The line for one that does not count.
    func besideAnother(in photo: String) -> String {
        "warning: \(printable(photo)): there may be another face (score "
            + "\(short(measured ?? 0)), limit \(short(limit ?? 0))); it is not counted (\(reason))"
    }

    /// The line for one that is used nevertheless.
    func ofTheFace(in photo: String) -> String {
        "warning: \(printable(photo)): this may not be a face (score \(short(measured ?? 0)), limit "
            + "\(short(limit ?? 0))) (\(reason))"
    }

    /// Says that a photo shows several faces, where the largest is used unasked.
    static func tellSeveral(_ count: Int, in photo: String, _ console: Console) -> [Self]? {
        guard count > 1 else { return nil }
        console.note(
            "warning: \(printable(photo)): \(count) faces were found, and the largest is used (several_faces)")
        return [Self(severalFaces: count)]
    }
}

/// Both lists as one; nil if there is neither.
func joined(_ warnings: [WarningRecord]?, _ others: [WarningRecord]?) -> [WarningRecord]? {
    let all = (warnings ?? []) + (others ?? [])
    return all.isEmpty ? nil : all
}
