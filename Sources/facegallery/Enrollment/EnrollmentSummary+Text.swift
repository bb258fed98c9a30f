import Enrollment

extension EnrollmentSummary {
    /// One line for people.
    func text(noun: String) -> String {
        var text =
            "\(enrolled) \(noun)\(enrolled == 1 ? "" : "s") \(dryRun ? "would be enrolled" : "enrolled"), "
        text += "\(present) enrolled before, \(refused) refused"
        if !reasons.isEmpty {
            let list = reasons.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            text += " (" + list.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ") + ")"
        }
        if replaced > 0 { text += "; \(replaced) of them replaced an earlier reference" }
        if keptOld > 0 { text += "; \(keptOld) changed, their old references stay" }
        if updated > 0 { text += "; \(updated) with new metadata, or a new time or place" }
        if similar > 0 { text += "; \(similar) look like another subject" }
        return text
    }
}
