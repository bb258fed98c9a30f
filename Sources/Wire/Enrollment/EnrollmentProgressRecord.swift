package import Enrollment

/// How far an enrolment is: an event a second.
public struct EnrollmentProgressRecord: Codable, Hashable, Sendable {
    /// `progress`.
    public var event: String
    /// Photos or templates that are done.
    public var done: Int
    /// How many there are; nil where that is not known yet, or never will be.
    @NullIfMissing public var total: Int?
    /// New references.
    public var enrolled: Int
    /// What was enrolled before.
    public var present: Int
    /// What was refused.
    public var refused: Int
    /// What is done a second, over the last 10 to 20 seconds; one decimal.
    public var perSecond: Double
    /// Seconds until all is done; nil where nobody can tell; one decimal.
    @NullIfMissing public var secondsLeft: Double?

    /// An enrolment under way.
    package init(_ summary: EnrollmentSummary, total: Int?, perSecond: Double, secondsLeft: Double?) {
        (event, done, self.total) = ("progress", summary.done, total)
        (enrolled, present, refused) = (summary.enrolled, summary.present, summary.refused)
        self.perSecond = perSecond.tenths
        self.secondsLeft = secondsLeft?.tenths
    }
}

extension Double {
    /// Rounded to one decimal.
    var tenths: Double { (self * 10).rounded() / 10 }
}
