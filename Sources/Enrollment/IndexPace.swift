public import Gallery
import TemplateStore

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

extension FaceGallery {
    /// Settles after a job whose own error or interruption is what is to be told.
    ///
    /// A job that was stopped ends without a training; the next search trains.
    ///
    /// - Returns: false where a thread is still at work on the index.
    package func settleAfterAll(_ stop: any StopSignal) -> Bool {
        guard stop.isRequested else {
            try? settle()
            return true
        }
        return (try? part()) != .working
    }
}

extension Error {
    /// Whether it says that the gallery was removed: then nothing in it may be called safe.
    package var isOfGalleryGone: Bool {
        guard let error = self as? GalleryError, case .store(.gone) = error else { return false }
        return true
    }
}
