import Concurrency
import Gallery
import GalleryModel
import PhotoManifest
import Synchronization

/// One run of an enrolment of photos.
struct PhotoJob {
    /// Faces that the network gets at once.
    private static let parcelSize = 16
    private static let largestCommit = 4_096
    /// How long threads that decode photos may take to end after a stop was asked for: a decoder looks for it within some
    /// hundredths of a second; some decoders, and the search for faces in a very large photo, do not look.
    private static let patience = Duration.milliseconds(450)

    private typealias Kept = (photo: WorkedPhoto, addition: ReferenceAddition, twin: Twin?)

    private let gallery: FaceGallery
    private let settings: EnrollmentSettings
    private let stop: any StopSignal
    private let photos: PhotoOrigin
    private var worker: PhotoWorker
    private let listener: (EnrollmentEvent, EnrollmentSummary) throws -> Void
    private var summary: EnrollmentSummary
    private var storage: StorageWatch
    private var twinSearch: TwinSearch?
    private var pending: [(photo: WorkedPhoto, addition: ReferenceAddition)] = []
    private var updates: [(photo: WorkedPhoto, update: ReferenceUpdate)] = []
    private var lastCommit = ContinuousClock.now
    private var rehearsal = PhotoRehearsal()
    private var pace = IndexPace()
    private var lookalikes: NameLookalikes

    init(
        _ enrollment: PhotoEnrollment, _ photos: PhotoOrigin,
        tell: @escaping (EnrollmentEvent, EnrollmentSummary) throws -> Void
    ) throws {
        (gallery, settings, stop) = (enrollment.gallery, enrollment.settings, enrollment.stop)
        self.photos = photos
        worker = PhotoWorker(
            encoder: enrollment.encoder, known: KnownReferences(gallery), gate: enrollment.gate,
            settings: settings, stop: stop,
            keepsChips: gallery.settings.keepsChips && !settings.isDryRun, finishes: false)
        listener = tell
        summary = EnrollmentSummary(dryRun: settings.isDryRun)
        storage = StorageWatch(photos.folders)
        lookalikes = NameLookalikes(gallery)
        twinSearch = try TwinSearch(gallery, settings)
    }

    /// Works through all photos.
    mutating func run() throws -> EnrollmentSummary {
        let (photos, stop) = (photos, stop)
        let first = try PhotoSupply(photos, stop: stop)
        worker.finishes = first.comesOnce
        let supply = Mutex(first)
        let count = PhotoCount()
        // What comes through a pipe cannot be counted first.
        var counting = worker.finishes ? nil : count.begin { try PhotoSupply(photos, stop: stop) }
        defer {
            count.end()
            counting?.join()
        }
        let worker = worker
        let delay = StopDelay(stop)
        var haveThreadsEnded = true
        do {
            haveThreadsEnded = try OrderedWork<PhotoItem, [WorkedPhoto]>(
                width: settings.jobs, parcelSize: Self.parcelSize
            ).run(
                next: { moment in try supply.withLock { try $0.supply(before: moment) } },
                work: { worker.work($0) },
                leavesThreads: { delay.isOver(worker.finishes ? .seconds(3) : Self.patience) },
                deliver: { photos in
                    for photo in photos ?? [] { try take(photo) }
                    if isTimeToCommit { try commit() }
                    try tell(.job(.progress(total: count.total)))
                })
        } catch {
            // What is encoded is not thrown away with what failed, unless it is the writing that failed.
            if !(error is GalleryError) { try? commit() }
            try? tell(.job(.failed(error)))
            if !settings.isDryRun { gallery.settleAfterAll(stop) { try? tell(.job($0)) } }
            throw error
        }
        // Twice if the first finds references removed meanwhile; what is worked on again finds none.
        repeat { try commit() } while !pending.isEmpty || !updates.isEmpty
        summary.passedOver = supply.withLock { $0.passedOver }
        summary.interrupted = stop.isRequested
        try tell(.job(.finished(total: count.total)))
        if !haveThreadsEnded { try tell(.job(.leavesThread)) }
        if !settings.isDryRun {
            try gallery.settle(isInterrupted: summary.interrupted, stop) { try tell(.job($0)) }
        }
        return summary
    }

    /// Adds an event to the summary, and passes both on.
    private mutating func tell(_ event: EnrollmentEvent) throws {
        switch event {
        case .enrolled(let photo):
            summary.enrolled += 1
            if photo.replaced != nil { summary.replaced += 1 }
            if photo.twin != nil { summary.similar += 1 }
        case .present(_, _, let isUpdated, let replaced):
            summary.present += 1
            if isUpdated { summary.updated += 1 }
            if replaced != nil { summary.replaced += 1 }
        case .keptOld:
            summary.present += 1
            summary.keptOld += 1
        case .refused(_, _, let refusal): summary.refuse(refusal.reason)
        case .job: break
        }
        try listener(event, summary)
    }

    private mutating func tellPresent(
        _ photo: WorkedPhoto, isUpdated: Bool = false, replaced: ReferenceID? = nil
    ) throws {
        try tell(.present(photo.item, subject: photo.subject, isUpdated: isUpdated, replaced: replaced))
    }

    private mutating func refuse(_ photo: WorkedPhoto, _ refusal: Refusal) throws {
        try tell(.refused(photo.item, subject: photo.subject, refusal))
    }

    private var isTimeToCommit: Bool {
        pending.count >= Self.largestCommit || ContinuousClock.now - lastCommit > .seconds(1)
    }

    private mutating func take(_ photo: WorkedPhoto) throws {
        try storage.saw(photo.outcome)
        switch photo.outcome {
        case .face(let addition): pending.append((photo, addition))
        case .present(nil): try tellPresent(photo)
        case .present(let update?): updates.append((photo, update))
        case .keptOld: try tell(.keptOld(photo.item, subject: photo.subject))
        case .refused(let refusal): try refuse(photo, refusal)
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
            for (photo, _) in changes { try tellPresent(photo, isUpdated: true) }
            return
        }
        let done = try gallery.change(adding: kept.map(\.addition), updating: changes.map(\.update))
        try tell(kept, done.additions)
        try tell(changes, done.updates)
        pace.keep(gallery)
    }

    /// Tells the outcome of photos that are there, and works on those again whose reference was removed meanwhile: by
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
            case .updated(let replaced): try tellPresent(photo, isUpdated: true, replaced: replaced)
            case .elsewhere(let source):
                if let place = change.update.move?.to, place.utf8.elementsEqual(source.utf8) {
                    try tellPresent(photo)
                } else {
                    try refuse(photo, .duplicatePhoto(photo.item.path, source, photo.subject))
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
                try refuse(photo, .duplicatePerson(photo.item.path, twin, threshold: threshold))
            } else {
                kept.append((photo, addition, twin))
            }
        }
        return kept
    }

    /// Tells the outcome of faces, which is on the disk by now.
    private mutating func tell(_ faces: [Kept], _ outcomes: [Addition]) throws {
        for (face, outcome) in zip(faces, outcomes) {
            switch outcome {
            case .added(let id, let replaced):
                try tell(
                    .enrolled(
                        EnrolledPhoto(
                            photo: face.photo.item, subject: face.photo.subject,
                            reference: settings.isDryRun ? nil : id, replaced: replaced, twin: face.twin,
                            similarName: try lookalikes.other(than: face.photo.subject),
                            doubtful: face.photo.doubtful, doubtfulFace: face.photo.doubtfulFace)))
            case .present(_, let source):
                // Another job has enrolled this very photo, or it stands twice in a list.
                if source.utf8.elementsEqual(face.addition.reference.source.utf8) {
                    try tellPresent(face.photo)
                } else {
                    let path = face.photo.item.path
                    try refuse(face.photo, .duplicatePhoto(path, source, face.photo.subject))
                }
            case .ofOther(_, let subject, let source):
                let path = face.photo.item.path
                try refuse(face.photo, .sharedPhoto(path, source, subject, wanted: face.photo.subject))
            }
        }
    }
}
