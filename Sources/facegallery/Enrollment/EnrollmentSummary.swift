import FaceImage
import Gallery
import TemplateStore

/// What a job of enrolment has done so far.
struct EnrollmentSummary: Encodable {
    let event = "summary"
    var enrolled = 0
    var present = 0
    var refused = 0
    var reasons: [RefusalReason: Int] = [:]
    var replaced = 0
    var keptOld = 0
    var updated = 0
    var similar = 0
    /// What was left out of folders.
    var passedOver = PassedOver()
    var dryRun = false
    var interrupted = false

    /// What is behind the job, in whichever way it ended.
    var done: Int { enrolled + present + refused }

    mutating func refuse(_ reason: RefusalReason) {
        refused += 1
        reasons[reason, default: 0] += 1
    }

    /// One line for people.
    func text(noun: String) -> String {
        var text =
            "\(enrolled) \(noun)\(enrolled == 1 ? "" : "s") \(dryRun ? "would be enrolled" : "enrolled"), "
        text += "\(present) enrolled before, \(refused) refused"
        if !reasons.isEmpty {
            let list = reasons.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            text += " (" + list.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ") + ")"
        }
        if replaced > 0 { text += "; \(replaced) of them replaced what was there" }
        if keptOld > 0 { text += "; \(keptOld) changed, and left as they were" }
        if updated > 0 { text += "; \(updated) with new metadata, or a new time or place" }
        if similar > 0 { text += "; \(similar) look like another subject" }
        return text
    }
}

extension Error {
    /// Whether it says that the gallery was removed: then nothing in it may be called safe.
    var isOfGalleryGone: Bool {
        guard let error = self as? GalleryError, case .store(.gone) = error else { return false }
        return true
    }
}
