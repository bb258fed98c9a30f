import Concurrency
import FaceImage
import Gallery
import Manifest
import Synchronization
import TemplateStore

/// Enrols photos: encodes on all cores, commits in large transactions, and tells of each photo only when it is safe.
struct PhotoEnrollment {
    /// Faces that the network gets at once.
    private static let parcelSize = 16
    private static let largestCommit = 4_096

    private typealias Kept = (photo: WorkedPhoto, addition: ReferenceAddition, twin: Twin?)

    let gallery: FaceGallery
    let settings: EnrollmentSettings
    private var worker: PhotoWorker
    private let console: Console
    private var account: EnrollmentAccount
    private var storage: StorageWatch
    private var twinSearch: TwinSearch?
    private var pending: [(photo: WorkedPhoto, addition: ReferenceAddition)] = []
    private var updates: [(photo: WorkedPhoto, update: ReferenceUpdate)] = []
    private var lastCommit = ContinuousClock.now
    private var rehearsal = PhotoRehearsal()
    private var pace = IndexPace()

    /// - Parameter folders: that the photos are in.
    init(
        gallery: FaceGallery, encoder: PhotoEncoder, console: Console, settings: EnrollmentSettings,
        gate: QualityGate, rejects: RejectsFile?, folders: [String]
    ) throws(CommandFailure) {
        (self.gallery, self.settings, self.console) = (gallery, settings, console)
        worker = PhotoWorker(
            encoder: encoder, known: KnownReferences(gallery), gate: gate, settings: settings, finishes: false)
        account = EnrollmentAccount(console, rejects: rejects, isDryRun: settings.isDryRun)
        storage = StorageWatch(folders)
        twinSearch = try TwinSearch(gallery, settings)
    }

    /// Works through all photos; returns the exit code.
    ///
    /// - Parameters:
    ///   - first: brings the photos.
    ///   - again: brings them once more, to count them; nil where they come but once.
    mutating func run(
        _ first: @Sendable () throws -> PhotoSupply, again: (@Sendable () throws -> PhotoSupply)?
    ) throws -> ExitCode {
        let photos = try first()
        worker.finishes = photos.comesOnce
        let supply = Mutex(photos)
        let count = PhotoCount()
        var counting = again.flatMap { count.begin($0) }
        defer {
            count.end()
            counting?.join()
        }
        let worker = worker
        var haveThreadsEnded = true
        do {
            haveThreadsEnded = try OrderedWork<PhotoItem, [WorkedPhoto]>(
                width: settings.jobs, parcelSize: Self.parcelSize
            ).run(
                next: { moment in try supply.withLock { try $0.supply(before: moment) } },
                work: { worker.work($0) },
                leavesThreads: {
                    StopRequest.isOverdue(after: worker.finishes ? .seconds(3) : StopRequest.patience)
                },
                deliver: { photos in
                    for photo in photos ?? [] { try take(photo) }
                    if isTimeToCommit { try commit() }
                    try account.showProgress(total: count.total)
                })
        } catch {
            // What is encoded is not thrown away with what failed, unless it is the writing that failed.
            if !(error is GalleryError) { try? commit() }
            if account.enrolledCount > 0, !error.isOfGalleryGone {
                console.note("\(account.enrolledCount) photos were enrolled before this, and are safe")
            }
            if !settings.isDryRun { gallery.settleAfterAll() }
            throw error
        }
        // Twice if the first finds references removed meanwhile; what is worked on anew finds none.
        repeat { try commit() } while !pending.isEmpty || !updates.isEmpty
        let isInterrupted = StopRequest.isAsked
        let exitCode = try account.close(
            total: count.total, passedOver: supply.withLock { $0.passedOver }, interrupted: isInterrupted)
        // A second signal ends this at once: nothing can be lost any more but time.
        if !settings.isDryRun {
            if isInterrupted { gallery.settleAfterAll() } else { try gallery.settle(telling: console) }
        }
        if !haveThreadsEnded { StopRequest.endWithThreads(exitCode) }
        return exitCode
    }

    private var isTimeToCommit: Bool {
        pending.count >= Self.largestCommit || ContinuousClock.now - lastCommit > .seconds(1)
    }

    private mutating func take(_ photo: WorkedPhoto) throws {
        try storage.saw(photo.outcome)
        switch photo.outcome {
        case .face(let addition): pending.append((photo, addition))
        case .present(nil): try account.present(photo)
        case .present(let update?): updates.append((photo, update))
        case .keptOld: try account.keptOld(photo)
        case .refused(let refusal): try account.refused(photo, refusal)
        }
    }

    private mutating func commit() throws {
        lastCommit = .now
        let kept = try withoutTwins()
        let changes = updates
        pending.removeAll(keepingCapacity: true)
        updates.removeAll(keepingCapacity: true)
        if settings.isDryRun {
            try tell(kept, rehearsal.outcomes(of: kept.map(\.addition)))
            for (photo, _) in changes { try account.present(photo, isUpdated: true) }
            return
        }
        let done = try gallery.change(adding: kept.map(\.addition), updating: changes.map(\.update))
        try tell(kept, done.additions)
        try tell(changes, done.updates)
        pace.keep(gallery)
    }

    /// Tells what became of photos that are there, and works on those again whose reference was removed meanwhile: by
    /// another process, or by this job for a photo that came into their old place.
    private mutating func tell(
        _ changes: [(photo: WorkedPhoto, update: ReferenceUpdate)], _ outcomes: [UpdateOutcome]
    )
        throws
    {
        var gone: [PhotoItem] = []
        for (change, outcome) in zip(changes, outcomes) {
            let photo = change.photo
            switch outcome {
            case .updated(let replaced): try account.present(photo, isUpdated: true, replaced: replaced)
            case .elsewhere(let source):
                if let place = change.update.move?.to, place.utf8.elementsEqual(source.utf8) {
                    try account.present(photo)
                } else {
                    try account.refused(photo, .duplicatePhoto(photo.item.path, source, photo.subject))
                }
            case .gone: gone.append(photo.item)
            }
        }
        for start in stride(from: 0, to: gone.count, by: Self.parcelSize) {
            for photo in worker.work(Array(gone[start...].prefix(Self.parcelSize)), anew: true) {
                try take(photo)
            }
        }
    }

    /// The faces that are to be enrolled; those that look like another subject are refused, if that is asked for.
    private mutating func withoutTwins() throws -> [Kept] {
        let twins = try twinSearch?.twins(of: pending.map(\.addition.reference))
        var kept: [Kept] = []
        for (index, (photo, addition)) in pending.enumerated() {
            let twin = twins?[index]
            if let twin, settings.twins == .refuse, let threshold = twinSearch?.threshold {
                try account.refused(photo, .duplicatePerson(photo.item.path, twin, threshold: threshold))
            } else {
                kept.append((photo, addition, twin))
            }
        }
        return kept
    }

    /// Tells what became of faces, which is on the disk by now.
    private mutating func tell(_ faces: [Kept], _ outcomes: [Addition]) throws {
        for (face, outcome) in zip(faces, outcomes) {
            switch outcome {
            case .added(let id, let replaced):
                try account.enrolled(
                    face.photo, as: settings.isDryRun ? nil : id, replaced: replaced, twin: face.twin)
            case .present(_, let source):
                // Another job has enrolled this very photo, or it stands twice in a list.
                if source.utf8.elementsEqual(face.addition.reference.source.utf8) {
                    try account.present(face.photo)
                } else {
                    let path = face.photo.item.path
                    try account.refused(face.photo, .duplicatePhoto(path, source, face.photo.subject))
                }
            }
        }
    }
}
