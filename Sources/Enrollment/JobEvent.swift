package import Gallery
import GalleryModel

/// What every enrolment reports while it runs, of photos or of given templates.
public enum JobEvent: Sendable {
    /// More is done; `total` is how much there is in all, where that is known.
    case progress(total: Int?)
    /// Everything is done, or the work was stopped. The index is brought up to date next.
    case finished(total: Int?)
    /// An error ends the work; it is thrown next. What was reported as enrolled is safe.
    case failed(any Error)
    /// The index could not be saved. What is enrolled is safe, and searches find it.
    case indexNotSaved
    /// A thread is still running that cannot be stopped, such as a decoder's. Nobody waits for its result.
    case leavesThread
}

extension FaceGallery {
    /// Brings the index up to date at the end of a job.
    ///
    /// - Parameter isInterrupted: whether the job was stopped: then the index is not trained. The next search trains it.
    package func settle(
        isInterrupted: Bool, _ stop: any StopSignal, tell: (JobEvent) throws -> Void
    ) throws {
        if isInterrupted { return settleAfterAll(stop) { try? tell($0) } }
        do throws(GalleryError) { try settle() } catch {
            if !error.isOfGalleryGone { try? tell(.indexNotSaved) }
            throw error
        }
    }

    /// Does the same for a job that has failed, whose error matters more than one of saving the index.
    package func settleAfterAll(_ stop: any StopSignal, tell: (JobEvent) -> Void) {
        guard stop.isRequested else {
            try? settle()
            return
        }
        if (try? part()) == .working { tell(.leavesThread) }
    }
}

extension Error {
    /// Whether it says that the gallery was removed: then nothing in it may be called safe.
    package var isOfGalleryGone: Bool {
        guard let error = self as? GalleryError, case .store(.gone) = error else { return false }
        return true
    }
}
