package import FaceImage

/// What a job of enrolment has done so far.
public struct EnrollmentSummary: Sendable {
    /// New references.
    public package(set) var enrolled = 0
    /// Photos or templates that were enrolled before.
    public package(set) var present = 0
    /// Photos or templates that were refused.
    public package(set) var refused = 0
    /// The number of refusals for each reason.
    public package(set) var reasons: [RefusalReason: Int] = [:]
    /// References that replaced another.
    public package(set) var replaced = 0
    /// Changed photos whose old reference stays.
    public package(set) var keptOld = 0
    /// Enrolled references that got new metadata, or another time or place.
    public package(set) var updated = 0
    /// New references that look like another subject.
    public package(set) var similar = 0
    /// What was left out of folders.
    package var passedOver = PassedOver()
    /// Whether nothing was written.
    public package(set) var dryRun = false
    /// Whether it was stopped before the end.
    public package(set) var interrupted = false

    /// How many photos or templates are finished, whatever their outcome.
    public var done: Int { enrolled + present + refused }

    /// An account of nothing.
    package init(dryRun: Bool = false) { self.dryRun = dryRun }

    package mutating func refuse(_ reason: RefusalReason) {
        refused += 1
        reasons[reason, default: 0] += 1
    }
}
