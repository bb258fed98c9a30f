public import FaceImage
public import TemplateStore

/// What an enrolment of photos tells while it works.
///
/// What is told of a photo is on the disk by then, unless it is a dry run.
public enum EnrollmentEvent: Sendable {
    /// A photo's face is a reference now.
    case enrolled(EnrolledPhoto)
    /// The photo was enrolled before. `isUpdated`: its metadata, time or place was noted anew; `replaced`: the reference
    /// of the photo that was in this place before.
    case present(PhotoItem, subject: String, isUpdated: Bool, replaced: ReferenceID?)
    /// The photo's file has changed, and its old reference stays.
    case keptOld(PhotoItem, subject: String)
    /// The photo was not enrolled.
    case refused(PhotoItem, subject: String, Refusal)
    /// Some photos more are done; of how many, where that is known.
    case progress(total: Int?)
    /// Every photo is done, or the work was stopped; the index is brought up to date next.
    case finished(total: Int?)
    /// The work ends with an error, which is thrown next; what was told as enrolled is safe.
    case failed(any Error)
    /// The index could not be saved; what is enrolled is safe, and found all the same.
    case indexNotSaved
    /// A thread is still at work whose result nobody waits for, such as a decoder that cannot be stopped.
    case leavesThread
}

/// A photo that was enrolled.
public struct EnrolledPhoto: Sendable {
    /// The photo.
    public let photo: PhotoItem
    /// Whom it shows, by the name that the gallery has.
    public let subject: String
    /// The new reference; nil in a dry run.
    public let reference: ReferenceID?
    /// The reference that it took the place of.
    public let replaced: ReferenceID?
    /// Another subject that looks like it, where that is searched for.
    public let twin: Twin?
    /// What beside the face may be a face too and was not counted.
    public let doubtful: [Face]
    /// The face itself, where it may be none.
    public let doubtfulFace: Face?
}
