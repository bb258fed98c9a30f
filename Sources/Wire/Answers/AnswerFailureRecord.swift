internal import Enrollment
package import Gallery

/// A photo, or a line of probes, without an answer: a line of `identify`.
public struct AnswerFailureRecord: Codable, Hashable, Sendable {
    /// The photo's path, or the line of standard input.
    public var probe: String
    /// The name that a line of `--probes` gave itself; nil if it gave none.
    public var id: String?
    /// Why, in a word of the list of refusals, such as `no_face` or `unreadable`.
    public var reason: String
    /// What went wrong.
    public var error: FailureRecord

    /// An error of the engine.
    package init(_ error: GalleryError, probe: String, id: String? = nil) {
        (self.probe, self.id) = (probe, id)
        reason = Refusal(error, photo: probe).reason.rawValue
        self.error = FailureRecord(error)
    }

    /// A line that is no probe.
    package init(fault: String, probe: String, id: String?) {
        (self.probe, self.id) = (probe, id)
        reason = RefusalReason.badEntry.rawValue
        error = FailureRecord(fault: fault)
    }
}
