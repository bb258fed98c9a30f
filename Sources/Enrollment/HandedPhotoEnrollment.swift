public import FaceImage
public import Gallery
public import GalleryModel
import Network

/// The outcome of a photo, or a template, that was handed over to be enrolled.
public enum HandedOutcome: Sendable {
    /// It is a reference now, on the disk.
    case enrolled(EnrolledPhoto)
    /// The subject has it already, as this reference.
    case present(PhotoItem, subject: String, reference: ReferenceID)
    /// It was not enrolled, and this is why.
    case refused(PhotoItem, subject: String, Refusal)
}

/// Enrols photos whose bytes a program has, one at a time, by the rules of `PhotoEnrollment`.
///
/// A photo that its subject already has, byte for byte, is not enrolled again. Safe from any number of threads.
public struct HandedPhotoEnrollment: Sendable {
    private let gallery: FaceGallery
    private let encoder: PhotoEncoder
    private let settings: EnrollmentSettings
    private let gate: QualityGate

    /// Prepares enrolments.
    ///
    /// - Parameters:
    ///   - gallery: opened for writing.
    ///   - encoder: of the gallery's network, as `PhotoEncoder(of:)` makes it.
    ///   - settings: of which largest face, twins and their similarity count here.
    ///   - gate: the limits on faces; nil for the default limits.
    public init(
        into gallery: FaceGallery, encoder: PhotoEncoder, settings: EnrollmentSettings = EnrollmentSettings(),
        gate: QualityGate? = nil
    ) {
        (self.gallery, self.encoder) = (gallery, encoder)
        var settings = settings
        settings.jobs = 1
        settings.isDryRun = false
        self.settings = settings
        self.gate = gate ?? .standard(detectsFaces: encoder.detectsFaces)
    }

    /// Enrols the face in a photo.
    ///
    /// When this returns, the reference is durable.
    ///
    /// - Parameters:
    ///   - photo: its bytes, and the name by which the reference keeps its source.
    ///   - subject: the person that it shows.
    ///   - metadata: what is kept with the reference.
    /// - Throws: `GalleryError` where the gallery cannot be read or written; `EnrollmentError.noThreshold`.
    public func enroll(
        _ photo: PhotoFile, as subject: String, metadata: [String: String] = [:]
    ) throws -> HandedOutcome {
        var item = PhotoItem(path: photo.name, subject: subject, isNamed: true, metadata: metadata)
        item.file = photo
        // Named by the caller: never a name that a subject had before.
        var settings = settings
        settings.subject = subject
        let worker = PhotoWorker(
            encoder: encoder, known: KnownReferences(gallery), gate: gate, settings: settings,
            stop: EnrollmentStop(), keepsChips: gallery.settings.keepsChips, finishes: true)
        // Whoever handed it over waits for an answer, so the decoder's own stop is a refusal, too.
        guard let worked = worker.work([item]).first else {
            return .refused(
                item, subject: subject, Refusal(.photo(.stopped(name: photo.name)), photo: photo.name))
        }
        switch worked.outcome {
        case .refused(let refusal): return .refused(item, subject: worked.subject, refusal)
        case .present, .keptOld:
            return try present(item, worked.subject, digest: SHA256.digest(of: photo.bytes))
        case .face(let addition): return try add(addition, worked)
        }
    }

    private func add(_ addition: ReferenceAddition, _ worked: WorkedPhoto) throws -> HandedOutcome {
        let item = worked.item
        var search = try TwinSearch(gallery, settings)
        let twin = try search?.twins(of: [addition.reference]).first ?? nil
        if let twin, let search, settings.twins == .refuse {
            let refusal = Refusal.duplicatePerson(item.path, twin, threshold: search.threshold)
            return .refused(item, subject: worked.subject, refusal)
        }
        let done: Addition
        do throws(GalleryError) {
            done = try gallery.change(adding: [addition], updating: []).additions[0]
        } catch {
            guard case .badTemplate(_, let reason) = error else { throw error }
            return .refused(item, subject: worked.subject, Refusal(.noTemplate, "\(item.path): \(reason)"))
        }
        switch done {
        case .present(let reference, _):
            return .present(item, subject: worked.subject, reference: reference)
        case .ofOther(_, let subject, let source):
            let refusal = Refusal.sharedPhoto(item.path, source, subject, wanted: worked.subject)
            return .refused(item, subject: worked.subject, refusal)
        case .added(let reference, let replaced):
            return .enrolled(
                EnrolledPhoto(
                    photo: item, subject: worked.subject, reference: reference, replaced: replaced, twin: twin,
                    similarName: nil, doubtful: worked.doubtful, doubtfulFace: worked.doubtfulFace))
        }
    }

    private func present(_ item: PhotoItem, _ subject: String, digest: [UInt8]) throws -> HandedOutcome {
        guard let same = try gallery.references(of: subject).first(where: { $0.sourceDigest == digest }) else {
            // Removed since it was seen.
            throw GalleryError.store(.conflict(reason: "a reference of '\(subject)' was removed"))
        }
        return .present(item, subject: subject, reference: same.id)
    }
}

extension FaceGallery {
    /// Enrols one template that another program has made.
    ///
    /// When this returns, the reference is durable.
    /// A template that its subject already has by this call, number for number, is not enrolled again. For many
    /// templates use `enroll(_:)` with batches.
    ///
    /// - Parameters:
    ///   - template: of any length but 0.
    ///   - subject: whose it is.
    ///   - source: where it came from, kept with the reference; may be empty.
    ///   - metadata: what is kept with the reference.
    /// - Throws: `GalleryError` where the gallery cannot be read or written. What is wrong with the template, the name
    ///   or the metadata is a refusal.
    public func enroll(
        template: [Float], as subject: String, source: String = "", metadata: [String: String] = [:]
    ) throws(GalleryError) -> HandedOutcome {
        let item = PhotoItem(path: source, subject: subject, isNamed: true, metadata: metadata)
        guard template.count == settings.dimension else {
            let row = RefusedRow(0, dimension: template.count, expected: settings.dimension)
            return .refused(
                item, subject: subject,
                Refusal(row.reason, row.fault, measured: row.measured, limit: row.limit))
        }
        let reference = NewReference(
            subject: subject, source: source, sourceDigest: SHA256.digest(of: Self.bytes(of: template)),
            metadata: metadata, template: template)
        let name: String
        let done: Addition
        do throws(GalleryError) {
            name = try enrolledName(of: subject)
            done = try enroll([reference])[0]
        } catch {
            switch error {
            case .badTemplate(_, let reason):
                return .refused(
                    item, subject: subject, Refusal(.badTemplate, "the template is unusable: \(reason)"))
            case .store(let problem):
                switch problem {
                case .invalidName, .invalidReference, .badVector:
                    let row = RefusedRow(0, problem)
                    return .refused(item, subject: subject, Refusal(row.reason, row.fault))
                default: throw error
                }
            default: throw error
            }
        }
        switch done {
        case .present(let reference, _): return .present(item, subject: name, reference: reference)
        case .ofOther(_, let other, let source):
            return .refused(item, subject: name, .sharedPhoto(source, source, other, wanted: name))
        case .added(let reference, let replaced):
            return .enrolled(
                EnrolledPhoto(
                    photo: item, subject: name, reference: reference, replaced: replaced, twin: nil,
                    similarName: nil, doubtful: [],
                    doubtfulFace: nil))
        }
    }

    /// The numbers as little-endian float32, one behind the other.
    private static func bytes(of template: [Float]) -> [UInt8] {
        template.flatMap { number in
            let bits = number.bitPattern
            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        }
    }
}
