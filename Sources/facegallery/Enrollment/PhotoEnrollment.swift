import FaceImage
import Gallery
import Manifest
import Synchronization
import TemplateStore
import Training

/// Enrols photos: encodes on all cores, commits in large transactions, and tells of each photo only when it is safe.
struct PhotoEnrollment {
    /// Faces that the network gets at once.
    private static let parcelSize = 16
    private static let largestCommit = 4_096

    let gallery: FaceGallery
    let settings: EnrollmentSettings
    private let worker: PhotoWorker
    private let console: Console
    private var account: EnrollmentAccount
    private var storage: StorageWatch
    private var twinSearch: TwinSearch?
    private var pending: [(photo: WorkedPhoto, reference: NewReference, replaces: ReferenceID?)] = []
    private var updates: [(photo: WorkedPhoto, update: ReferenceUpdate)] = []
    private var lastCommit = ContinuousClock.now
    /// Photos that a dry run has accepted, by digest and subject.
    private var accepted: Set<Int> = []

    /// - Parameter folders: that the photos are in.
    init(
        gallery: FaceGallery, encoder: PhotoEncoder, console: Console, settings: EnrollmentSettings,
        gate: QualityGate, rejects: RejectsFile?, folders: [String]
    ) throws(CommandFailure) {
        (self.gallery, self.settings, self.console) = (gallery, settings, console)
        worker = PhotoWorker(
            encoder: encoder, known: KnownReferences(gallery), gate: gate, settings: settings)
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
        let supply = Mutex(try first())
        let count = PhotoCount()
        var counting = try again.map { try count.begin($0) }
        defer {
            count.end()
            counting?.join()
        }
        let worker = worker
        do {
            try OrderedWork<PhotoItem, [WorkedPhoto]>(width: settings.jobs, parcelSize: Self.parcelSize).run(
                next: { StopRequest.isAsked ? nil : try supply.withLock { try $0.next() } },
                work: { worker.work($0) },
                deliver: { photos in
                    for photo in photos ?? [] { try take(photo) }
                    if isTimeToCommit { try commit() }
                    try account.showProgress(total: count.total)
                })
        } catch ManifestError.stopped {
            // The rows that were waited for will come again.
        } catch {
            // What is encoded is not thrown away with what failed, unless it is the writing that failed.
            if !(error is GalleryError) { try? commit() }
            if account.enrolledCount > 0 {
                console.note("\(account.enrolledCount) photos were enrolled before this, and are safe")
            }
            throw error
        }
        try commit()
        let isInterrupted = StopRequest.isAsked
        let exitCode = try account.close(total: count.total, interrupted: isInterrupted)
        // Who interrupts does not want to wait for the training of an index; the next search catches up.
        if !isInterrupted, !settings.isDryRun { try gallery.settle(telling: console) }
        return exitCode
    }

    private var isTimeToCommit: Bool {
        pending.count >= Self.largestCommit || ContinuousClock.now - lastCommit > .seconds(1)
    }

    private mutating func take(_ photo: WorkedPhoto) throws {
        try storage.saw(photo.outcome)
        switch photo.outcome {
        case .face(let reference, let replaces): pending.append((photo, reference, replaces))
        case .present(nil): try account.present(photo)
        case .present(let update?): updates.append((photo, update))
        case .keptOld: try account.keptOld(photo)
        case .refused(let refusal): try account.refused(photo, refusal)
        }
    }

    private mutating func commit() throws {
        lastCommit = .now
        let twins = try twinSearch?.twins(of: pending.map(\.reference))
        var kept: [(photo: WorkedPhoto, reference: NewReference, replaces: ReferenceID?, twin: Twin?)] = []
        for (index, face) in pending.enumerated() {
            let twin = twins?[index]
            if let twin, settings.twins == .refuse, let threshold = twinSearch?.threshold {
                let refusal = Refusal.duplicatePerson(face.photo.item.path, twin, threshold: threshold)
                try account.refused(face.photo, refusal)
            } else {
                kept.append((face.photo, face.reference, face.replaces, twin))
            }
        }
        pending.removeAll(keepingCapacity: true)
        let additions = try settings.isDryRun ? rehearse(kept.map(\.reference)) : enroll(kept)
        for (face, id) in zip(kept, additions) {
            if let id {
                try account.enrolled(
                    face.photo, as: settings.isDryRun ? nil : id, replaced: face.replaces, twin: face.twin)
            } else {
                try account.refused(
                    face.photo, .duplicatePhoto(face.photo.item.path, nil, face.photo.subject))
            }
        }
        if !settings.isDryRun { try gallery.update(updates.map(\.update)) }
        for (photo, _) in updates { try account.present(photo, isUpdated: true) }
        updates.removeAll(keepingCapacity: true)
    }

    /// The ids of new references; nil for a photo that this job has enrolled already under another path.
    private func enroll(
        _ faces: [(photo: WorkedPhoto, reference: NewReference, replaces: ReferenceID?, twin: Twin?)]
    ) throws(GalleryError) -> [ReferenceID?] {
        guard !faces.isEmpty else { return [] }
        return try gallery.enroll(faces.map(\.reference), replacing: faces.compactMap(\.replaces)).map {
            if case .added(let id) = $0 { id } else { nil }
        }
    }

    /// The same for a run that writes nothing; the ids mean nothing.
    private mutating func rehearse(_ references: [NewReference]) -> [ReferenceID?] {
        references.map { reference in
            var hasher = Hasher()
            hasher.combine(reference.sourceDigest)
            hasher.combine(Array(reference.subject.utf8))
            return accepted.insert(hasher.finalize()).inserted ? 0 : nil
        }
    }
}
