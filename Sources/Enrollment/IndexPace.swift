public import Gallery
import GalleryModel

/// Keeps the saved index near what a long job has enrolled, so that little of its work is lost if it is killed.
public struct IndexPace: Sendable {
    private static let interval = Duration.seconds(60)
    private var last = ContinuousClock.now

    /// A job that begins now.
    public init() {}

    /// Saves what has come where a minute has passed; called after a commit.
    public mutating func keep(_ gallery: FaceGallery) {
        guard ContinuousClock.now - last > Self.interval else { return }
        gallery.keepPace()
        last = .now
    }
}
