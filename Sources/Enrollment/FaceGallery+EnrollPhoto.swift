public import Gallery
public import GalleryModel

/// What became of one photo that was to be enrolled.
public enum PhotoEnrollmentOutcome: Sendable {
    /// Its face is a reference now.
    case enrolled(ReferenceID)
    /// It was enrolled before.
    case present
    /// It was not enrolled, and this is why.
    case refused(Refusal)
}

extension FaceGallery {
    /// Enrols the face of a photo as a subject's, unless that photo is enrolled already.
    ///
    /// For many photos use `PhotoEnrollment`, which does them on all processors and in large transactions.
    /// - Parameters:
    ///   - photo: the path of the photo, or of another one that has changed since it was enrolled.
    ///   - subject: whom it shows.
    ///   - encoder: of the gallery's network, as `PhotoEncoder(of:)` makes it.
    /// - Returns: what became of it; a photo without just one good face is refused, not an error.
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
