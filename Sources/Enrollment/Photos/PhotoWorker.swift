import FaceImage
import Gallery
import GalleryModel
import Glibc
import Network

/// The outcome of one photo before its commit.
enum PhotoOutcome: Sendable {
    /// It may be enrolled, in the place of another reference where there is one.
    case face(ReferenceAddition)
    /// It is enrolled already; what is noted about it may have to change.
    case present(ReferenceUpdate?)
    /// Its file has changed, and the old reference stays.
    case keptOld
    case refused(Refusal)
}

/// A photo with the outcome of it.
struct WorkedPhoto: Sendable {
    let item: PhotoItem
    let subject: String
    let outcome: PhotoOutcome
    /// What beside the face may be a face too and was not counted.
    var doubtful: [Face] = []
    /// The face itself, where it may be none.
    var doubtfulFace: Face?
}

/// Turns a few photos into templates: reads, decodes, finds and judges faces one after the other, and gives all of
/// them to the network at once.
///
/// Safe from any thread; memory: one decoded photo, and a chip for each photo, or two where they are kept.
struct PhotoWorker: Sendable {
    let encoder: PhotoEncoder
    let known: KnownReferences
    let gate: QualityGate
    let settings: EnrollmentSettings
    let stop: any StopSignal
    /// Whether the picture of each face is stored with its reference.
    let keepsChips: Bool
    /// Whether photos that were taken are worked on though the user wants to stop: those of a list that comes only once.
    var finishes: Bool

    /// A face that waits for the network.
    private struct Waiting {
        let place: Int
        let source: String
        let chosen: ChosenFace
        let digest: [UInt8]
        let stamp: SourceStamp?
        let replaces: FoundReference?
    }

    private enum Step {
        case done(PhotoOutcome)
        /// The user wants to stop; this photo is for the next run.
        case stopped
        case face(ChosenFace, digest: [UInt8], SourceStamp?, replaces: FoundReference?)
    }

    /// The outcome of each photo; if the user wants to stop, of the first ones only.
    ///
    /// - Parameter anew: whether to work on all photos as if the gallery had none of them, even if the user wants to stop.
    func work(_ items: [PhotoItem], anew: Bool = false) -> [WorkedPhoto] {
        var outcomes: [PhotoOutcome?] = []
        var waiting: [Waiting] = []
        var places = PhotoPlaces()
        photos: for item in items {
            if stop.isRequested, !finishes, !anew { break }
            // Known by the path as it is given only if its folder cannot be found.
            let source = item.file == nil ? places.place(of: item.path) ?? item.path : item.path
            switch step(item, source: source, anew: anew) {
            case .stopped: break photos
            case .done(let outcome): outcomes.append(outcome)
            case .face(let chosen, let digest, let stamp, let replaces):
                waiting.append(
                    Waiting(
                        place: outcomes.count, source: source, chosen: chosen, digest: digest,
                        stamp: stamp, replaces: replaces))
                outcomes.append(nil)
            }
        }
        for (face, result) in zip(waiting, encode(waiting.map(\.chosen.detected))) {
            let item = items[face.place]
            switch result {
            case .failure(let error): outcomes[face.place] = .refused(Refusal(error, photo: item.path))
            case .success(let encoded):
                let reference = NewReference(
                    subject: subject(of: item), source: face.source, sourceDigest: face.digest,
                    sourceStamp: face.stamp, quality: ReferenceQuality(encoded.face),
                    metadata: item.metadata, chip: face.chosen.kept.map { ReferenceChip($0) },
                    template: encoded.template)
                outcomes[face.place] = .face(
                    ReferenceAddition(
                        reference, replaces: face.replaces, mayBeShared: mayBeShared(item)))
            }
        }
        let faces = Dictionary(uniqueKeysWithValues: waiting.map { ($0.place, $0.chosen) })
        return zip(items, outcomes).enumerated().compactMap { place, photo in
            guard let outcome = photo.1 else { return nil }
            var worked = WorkedPhoto(item: photo.0, subject: subject(of: photo.0), outcome: outcome)
            guard let chosen = faces[place] else { return worked }
            worked.doubtful = chosen.doubtful
            if chosen.detected.face.isDoubtful { worked.doubtfulFace = chosen.detected.face }
            return worked
        }
    }

    /// Whom a photo shows, by the name that the gallery has or takes; as it was given if there is none.
    private func subject(of item: PhotoItem) -> String {
        (try? subject(for: item))?.name ?? settings.subject ?? item.subject
    }

    /// What is known of the person that a photo shows.
    ///
    /// A folder or a list may still use the name that a subject had before; a name that the user types is meant as it is.
    private func subject(for item: PhotoItem) throws(GalleryError) -> KnownReferences.OfSubject {
        if let name = settings.subject { return try known.subject(named: name) }
        return try known.subject(named: item.subject, mayBeFormer: true)
    }

    /// All faces at once; one by one only where one of them spoils that.
    private func encode(_ faces: [DetectedFace]) -> [Result<EncodedFace, GalleryError>] {
        do { return try encoder.encode(faces).map { .success($0) } } catch {
            guard faces.count > 1 else { return [.failure(error)] }
            return faces.flatMap { encode([$0]) }
        }
    }

    private func step(_ item: PhotoItem, source: String, anew: Bool) -> Step {
        do throws(GalleryError) {
            return try judge(item, source, anew: anew)
        } catch .photo(.stopped) {
            return .stopped
        } catch {
            return .done(.refused(Refusal(error, photo: item.path)))
        }
    }

    private func judge(_ item: PhotoItem, _ source: String, anew: Bool) throws(GalleryError) -> Step {
        if item.path.isEmpty, let problem = item.problem {
            return .done(.refused(Refusal(.badEntry, "line \(item.line ?? 0) of the manifest \(problem)")))
        }
        // Refuses what cannot even be opened, whoever it would show.
        if item.problem != nil { _ = try encoder.read(item) }
        let given = settings.subject ?? item.subject
        // A manifest's row without a name is refused as any bad name is.
        guard !given.isEmpty || item.line != nil else { return .done(.refused(.nameless(item))) }
        let subject = try subject(for: item)
        let name = subject.name
        if let problem = NewReference.metadataProblem(item.metadata) {
            return .done(.refused(Refusal(.badEntry, "\(item.path): \(problem)")))
        }
        // Taken before the file is read: should it change meanwhile, the next run reads it again.
        let stamp = item.file == nil ? Self.stamp(of: item.path) : nil
        let references = anew ? KnownReferences.OfSubject(name: name, []) : subject
        let old = item.path == "-" || item.file != nil ? nil : references.reference(at: source, stamp: stamp)
        if let old, let stamp, old.sourceStamp == stamp, !settings.readsAgain {
            return .done(.present(update(old, item, source, stamp)))
        }
        let file = try encoder.read(item)
        let digest = SHA256.digest(of: file.bytes)
        if let old, old.sourceDigest == digest { return .done(.present(update(old, item, source, stamp))) }
        if let same = references.reference(withDigest: digest) {
            // A photo that was handed over has no place.
            if item.file != nil { return .done(.present(nil)) }
            switch PhotoWhereabouts(same, seenAt: item.path, limits: encoder.limits) {
            case .thereStill: return .done(.refused(.duplicatePhoto(item.path, same.source, name)))
            case .sameFile: return .done(.present(nil))
            case .moved: return .done(.present(update(same, item, source, stamp, replacing: old)))
            }
        }
        if old != nil, settings.onChange == .skip { return .done(.keptOld) }
        if !mayBeShared(item), let other = try known.other(withDigest: digest, than: name) {
            return .done(.refused(.sharedPhoto(item.path, other.source, other.subject, wanted: name)))
        }
        if let face = item.face, face.digest != digest { return .done(.refused(.changedPhoto(item.path))) }
        let chosen = try encoder.chosenFace(
            in: file, at: item.face?.box, largest: settings.takesLargestFace, keepsPicture: keepsChips)
        if let refusal = gate.refusal(of: chosen.detected.face, in: item.path) {
            return .done(.refused(refusal))
        }
        return .face(chosen, digest: digest, stamp, replaces: replaced(old))
    }

    /// Whether another subject may have the same photo: where one of several faces was chosen, it may.
    private func mayBeShared(_ item: PhotoItem) -> Bool { settings.allowsSharedPhotos || item.face != nil }

    /// What has to be noted about a photo that is enrolled; nil if all is as it was.
    ///
    /// - Parameter replaced: the reference of the photo that was in this place before.
    private func update(
        _ known: Reference, _ item: PhotoItem, _ source: String, _ stamp: SourceStamp?,
        replacing replaced: Reference? = nil
    ) -> ReferenceUpdate? {
        // Folders say nothing of metadata, a manifest all there is.
        let metadata = item.line == nil ? known.metadata : item.metadata
        let hasMoved = !known.source.utf8.elementsEqual(source.utf8)
        guard hasMoved || metadata != known.metadata || stamp != known.sourceStamp else { return nil }
        return ReferenceUpdate(
            reference: known.id, metadata: metadata, stamp: stamp,
            move: hasMoved ? SourceMove(from: known.source, to: source, replaces: self.replaced(replaced)) : nil
        )
    }

    private func replaced(_ old: Reference?) -> FoundReference? {
        settings.onChange == .replace ? old.map { FoundReference($0) } : nil
    }

    /// How a file stands; nil for what is no file, and for times that 64 bits of nanoseconds cannot hold (before 1678,
    /// after 2262): such a photo is read each time.
    private static func stamp(of path: String) -> SourceStamp? {
        guard case .found(let status) = FileLook(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return SourceStamp(status)
    }
}

extension Refusal {
    static func changedPhoto(_ photo: String) -> Refusal {
        Refusal(.badEntry, "\(photo): the photo has changed since its faces were grouped; run cluster again")
    }

    static func duplicatePhoto(_ photo: String, _ other: String, _ subject: String) -> Refusal {
        Refusal(
            .duplicatePhoto,
            "\(photo): this photo is already enrolled for '\(subject)', as \(other)",
            other: other)
    }
}

extension Refusal {
    /// - Parameter wanted: the subject for whom the photo was to be enrolled.
    static func sharedPhoto(
        _ photo: String, _ source: String, _ subject: String, wanted: String
    ) -> Refusal {
        Refusal(
            .sharedPhoto,
            "\(photo): this photo is already enrolled for '\(subject)', as \(source), so it is not enrolled for "
                + "'\(wanted)' too; if both names mean one person, merge them",
            other: subject)
    }
}

extension FoundReference {
    init(_ reference: Reference) { self.init(reference: reference.id, source: reference.source) }
}
