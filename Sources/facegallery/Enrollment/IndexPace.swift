import Gallery

/// Keeps the saved index near what a long job has enrolled, so that little of its work is lost if it is killed.
struct IndexPace {
    private static let interval = Duration.seconds(60)
    private var last = ContinuousClock.now

    /// Saves what has come where a minute has passed; called after a commit.
    mutating func keep(_ gallery: FaceGallery) {
        guard ContinuousClock.now - last > Self.interval else { return }
        gallery.keepPace()
        last = .now
    }
}

extension FaceGallery {
    /// Settles after a job, and says that nothing is lost where that fails.
    ///
    /// Who interrupts it ends the program: the next search catches up.
    func settle(telling console: Console) throws(GalleryError) {
        StopRequest.endAtOnce()
        do throws(GalleryError) { try settle() } catch {
            if !error.isOfGalleryGone {
                console.note("the index could not be saved; what is enrolled is safe, and found all the same")
            }
            throw error
        }
    }

    /// Settles after a job that was interrupted or has failed, whose own error or exit code is the one to be told.
    ///
    /// An interrupted job ends without a training; the next search trains.
    func settleAfterAll() {
        StopRequest.endAtOnce()
        guard StopRequest.isAsked else {
            try? settle()
            return
        }
        if (try? part()) == .working { StopRequest.leaveThreads() }
    }
}
