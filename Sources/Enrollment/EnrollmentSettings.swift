internal import Concurrency

/// What is done about a photo whose file has changed since it was enrolled under the same path.
public enum ChangePolicy: String, Sendable, CaseIterable {
    /// The changed photo becomes a further reference.
    case add
    /// The changed photo takes the place of the old reference, once it has passed.
    case replace
    /// The old reference stays, and the changed photo is not looked at.
    case skip
}

/// What is done about a face that looks like another subject's.
public enum TwinPolicy: String, Sendable, CaseIterable {
    /// It is enrolled, and told.
    case report
    /// It is refused.
    case refuse
    /// It is enrolled, and nothing is searched.
    case allow
}

/// How an enrolment of photos goes about its work.
public struct EnrollmentSettings: Sendable {
    /// Who all photos show, where that is not told by folders or a manifest.
    public var subject: String?
    /// Whether the largest face of a photo that shows several is taken.
    public var takesLargestFace = false
    /// What is done about a changed photo.
    public var onChange = ChangePolicy.replace
    /// What is done about a face that looks like another subject's.
    public var twins = TwinPolicy.allow
    /// Cosine from which a face looks like another subject's; the network's threshold where nil.
    public var minSimilarity: Double?
    /// Everything is done but writing.
    public var isDryRun = false
    /// Whether files are read again that have the size and the time they were enrolled with.
    public var readsAgain = false
    /// Photos in work at once.
    public var jobs = ProcessorCount.online

    /// What is done where nothing else is asked for: photos of one face, by all processors.
    public init() {}
}
