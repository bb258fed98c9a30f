public import Gallery

/// Enrols photos: encodes on all cores, commits in large transactions, and reports each photo only once it is safe.
///
/// The same photos may be given again at any time. Those that are enrolled are skipped; a photo that has changed
/// replaces its old reference.
public struct PhotoEnrollment: Sendable {
    let gallery: FaceGallery
    let encoder: PhotoEncoder
    let settings: EnrollmentSettings
    let gate: QualityGate
    let stop: any StopSignal

    /// Prepares an enrolment.
    ///
    /// - Parameters:
    ///   - gallery: opened for writing, unless `settings` ask for a dry run.
    ///   - encoder: of the gallery's network, as `PhotoEncoder(of:)` makes it.
    ///   - settings: what counts as the same photo, limits, threads, and whether it is a dry run.
    ///   - gate: the limits on faces; nil for the default limits.
    ///   - stop: ends the work early.
    public init(
        into gallery: FaceGallery, encoder: PhotoEncoder, settings: EnrollmentSettings = EnrollmentSettings(),
        gate: QualityGate? = nil, stop: any StopSignal = EnrollmentStop()
    ) {
        (self.gallery, self.encoder, self.settings, self.stop) = (gallery, encoder, settings, stop)
        self.gate = gate ?? .standard(detectsFaces: encoder.detectsFaces)
    }

    /// Works through all photos, or until the work is stopped, and brings the index up to date.
    ///
    /// Blocks; uses as many threads as the settings say. Memory: a few photos and 4,096 templates.
    ///
    /// - Parameters:
    ///   - photos: what is enrolled.
    ///   - tell: gets what becomes of each photo, on the calling thread, with the account so far. What it throws ends
    ///     the work.
    /// - Returns: the account.
    /// - Throws: `EnrollmentError` where the photos cannot be had, `GalleryError` where the gallery cannot be written,
    ///   what `tell` throws. What was told as enrolled is safe.
    @discardableResult
    public func run(
        _ photos: PhotoOrigin,
        tell: @escaping (EnrollmentEvent, EnrollmentSummary) throws -> Void = { _, _ in }
    ) throws -> EnrollmentSummary {
        var job = try PhotoJob(self, photos, tell: tell)
        return try job.run()
    }
}
