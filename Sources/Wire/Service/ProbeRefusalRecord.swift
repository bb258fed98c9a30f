/// A template that could not be searched: a line of HTTP's `identify/batch`, in the place of its answer.
public struct ProbeRefusalRecord: Codable, Hashable, Sendable {
    /// The row of the template, from 0, or its line, from 1.
    public var probe: String
    /// Why it was refused, in the words of refusals.
    public var reason: String
    /// The reason in one line.
    public var message: String

    /// A row that was refused.
    package init(probe: String, reason: String, message: String) {
        (self.probe, self.reason, self.message) = (probe, reason, message)
    }
}
