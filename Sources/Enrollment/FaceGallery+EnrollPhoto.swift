public import Gallery
public import GalleryModel

/// The outcome of enrolling one photo.
public enum PhotoEnrollmentOutcome: Sendable {
    /// Its face is a reference now.
    case enrolled(ReferenceID)
    /// It was enrolled before.
    case present
    /// It was not enrolled, and this is why.
    case refused(Refusal)
}

extension FaceGallery {
    /// Enrols the face in a photo for a subject, unless that photo is already enrolled.
    ///
    /// For many photos use `PhotoEnrollment`, which works on all processors and writes large transactions.
    /// - Parameters:
    ///   - photo: the path of the photo; a photo that has changed since it was enrolled replaces its reference.
    ///   - subject: the person that it shows.
    ///   - encoder: of the gallery's network, as `PhotoEncoder(of:)` makes it.
    /// - Returns: the outcome. A photo that does not show exactly one good face is refused; that is not an error.
    /// - Throws: as `PhotoEnrollment.run`.
    public func enroll(
        photo: String, as subject: String, encoder: PhotoEncoder
    ) throws -> PhotoEnrollmentOutcome {
        var settings = EnrollmentSettings()
        settings.subject = subject
        settings.jobs = 1
        var outcome = PhotoEnrollmentOutcome.present
        try PhotoEnrollment(into: self, encoder: encoder, settings: settings)
            .run(.paths([photo])) { event, _ in
                switch event {
                case .enrolled(let photo): if let id = photo.reference { outcome = .enrolled(id) }
                case .refused(_, _, let refusal): outcome = .refused(refusal)
                case .present, .keptOld, .job: break
                }
            }
        return outcome
    }
}
