public import Gallery
import GalleryModel

/// Keeps the saved index near what a long job has enrolled, so that little of its work is lost if it is killed.
public struct IndexPace: Sendable {
    private static let interval = Duration.seconds(60)
    private var last = ContinuousClock.now

    /// The pace of a job that begins now.
    public init() {}

    /// Saves what was enrolled if a minute has passed.
    ///
    /// Call it after each commit.
    public mutating func keep(_ gallery: FaceGallery) {
        guard ContinuousClock.now - last > Self.interval else { return }
        gallery.keepPace()
        last = .now
    }
}
