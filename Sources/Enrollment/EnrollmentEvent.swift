public import FaceImage
public import GalleryModel

/// What an enrolment of photos reports while it runs.
///
/// A photo is reported only once its reference is on the disk. (A dry run writes none.)
public enum EnrollmentEvent: Sendable {
    /// A photo's face is a reference now.
    case enrolled(EnrolledPhoto)
    /// The photo was enrolled before. `isUpdated` says whether its metadata, time or place has changed and was saved;
    /// `replaced` is the reference of another photo that was at this path before, and is removed.
    case present(PhotoItem, subject: String, isUpdated: Bool, replaced: ReferenceID?)
    /// The photo's file has changed, and its old reference stays.
    case keptOld(PhotoItem, subject: String)
    /// The photo was not enrolled.
    case refused(PhotoItem, subject: String, Refusal)
    /// What concerns the work as a whole.
    case job(JobEvent)
}

/// A photo that was enrolled.
public struct EnrolledPhoto: Sendable {
    /// The photo.
    public let photo: PhotoItem
    /// The person that it shows, by the name in the gallery.
    public let subject: String
    /// The new reference; nil in a dry run.
    public let reference: ReferenceID?
    /// The reference that it replaced.
    public let replaced: ReferenceID?
    /// Another subject that looks like it, if that was searched for.
    public let twin: Twin?
    /// Another subject whose name looks the same, told with the first photo of a subject.
    public let similarName: String?
    /// Doubtful findings beside the face, which were not counted as faces.
    public let doubtful: [Face]
    /// The face itself, if it is doubtful.
    public let doubtfulFace: Face?
}
