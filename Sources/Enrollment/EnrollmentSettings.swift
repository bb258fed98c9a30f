internal import Concurrency

/// What to do with a photo whose file has changed since it was enrolled from the same path.
public enum ChangePolicy: String, Sendable, CaseIterable {
    /// The changed photo becomes a further reference.
    case add
    /// The changed photo takes the place of the old reference, once it has passed.
    case replace
    /// The old reference stays, and the changed photo is not looked at.
    case skip
}

/// What to do with a face that looks like another subject's.
public enum TwinPolicy: String, Sendable, CaseIterable {
    /// It is enrolled, and told.
    case report
    /// It is refused.
    case refuse
    /// It is enrolled, and nothing is searched.
    case allow
}

/// The settings of an enrolment of photos.
public struct EnrollmentSettings: Sendable {
    /// The person on all photos, if folders or a manifest do not say that.
    public var subject: String?
    /// Whether to take the largest face of a photo that shows several.
    public var takesLargestFace = false
    /// What is done about a changed photo.
    public var onChange = ChangePolicy.replace
    /// What is done about a face that looks like another subject's.
    public var twins = TwinPolicy.allow
    /// Whether a photo is enrolled even if the very same file is enrolled for another subject.
    public var allowsSharedPhotos = false
    /// Cosine from which a face looks like another subject's; the network's threshold if nil.
    public var minSimilarity: Double?
    /// Whether to do everything except writing.
    public var isDryRun = false
    /// Whether to read files again even if their size and time are the same as when they were enrolled.
    public var readsAgain = false
    /// How many photos to process at once.
    public var jobs = ProcessorCount.online

    /// The default settings: photos with one face, on all processors.
    public init() {}
}
