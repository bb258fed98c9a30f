package import FaceImage
package import GalleryModel
import Network
import Synchronization
import TemplateStore

/// A reference on its way to a new template.
struct MigrationItem: Sendable {
    let id: ReferenceID
    let subject: String
    let source: String
    let digest: [UInt8]?
    let quality: ReferenceQuality?
    let hasChip: Bool
    let checksum: UInt32
    /// The template that it has, which tells which of several faces was enrolled.
    let template: [Float]

    init(_ found: ReferenceToMake, subject: String, template: [Float]) {
        (id, source, digest) = (found.reference.id, found.reference.source, found.reference.sourceDigest)
        (quality, hasChip) = (found.reference.quality, found.reference.hasChip)
        (checksum, self.subject, self.template) = (found.checksum, subject, template)
    }

    func missing(_ reason: MissingReference.Reason, _ message: String) -> MissingReference {
        MissingReference(reference: id, subject: subject, source: source, reason: reason, message: message)
    }

    /// The reference that was given as a template; nil for one with a photo.
    var given: MissingReference? {
        digest == nil && !hasChip ? missing(.given, "it was given as a template, from \(source)") : nil
    }
}

/// The outcome of one reference.
enum MigrationOutcome: Sendable {
    /// Its new template, from its photo or from its chip.
    case made(MadeTemplate, fromChip: Bool)
    /// Its photo serves, and no template was asked for.
    case possible
    case missing(MissingReference)
    /// The machine failed, not the photo.
    case failed(GalleryError)
    /// The caller wants to stop.
    case stopped
}

/// Makes new templates of references from their photos, and where those do not serve from the chips that are kept.
///
/// Safe from any thread; memory: one decoded photo, and a chip for each reference.
struct MigrationWorker: Sendable {
    let encoder: PhotoEncoder
    let enrolled: EnrolledFaces
    let settings: MigrationSettings
    let chips: ChipSource

    private struct Waiting {
        let place: Int
        let found: FoundFace
    }

    /// What becomes of each reference, in their order.
    func work(_ items: [MigrationItem]) -> [MigrationOutcome] {
        var outcomes: [MigrationOutcome] = []
        var waiting: [Waiting] = []
        for item in items {
            do throws(GalleryError) {
                switch try look(at: item) {
                case .success(let found):
                    waiting.append(Waiting(place: outcomes.count, found: found))
                    outcomes.append(.possible)
                case .failure(let missing): outcomes.append(.missing(missing.reference))
                }
            } catch .photo(.stopped) {
                outcomes.append(.stopped)
            } catch {
                outcomes.append(.failed(error))
            }
        }
        guard !settings.isDryRun else { return outcomes }
        for (face, result) in zip(waiting, encode(waiting.map(\.found.face))) {
            let item = items[face.place]
            outcomes[face.place] =
                switch result {
                case .success(let encoded):
                    .made(
                        MadeTemplate(
                            id: item.id, oldChecksum: item.checksum,
                            quality: face.found.quality, template: encoded.template),
                        fromChip: face.found.isFromChip)
                case .failure(let error): .missing(item.missing(.noTemplate, "\(error)"))
                }
        }
        return outcomes
    }

    /// All faces at once; one by one only where one of them spoils that.
    private func encode(_ faces: [DetectedFace]) -> [Result<EncodedFace, GalleryError>] {
        do { return try encoder.encode(faces).map { .success($0) } } catch {
            guard faces.count > 1 else { return [.failure(error)] }
            return faces.flatMap { encode([$0]) }
        }
    }

    /// The face that was enrolled, in its photo, or else in its chip.
    ///
    /// - Throws: what is not a fault of photo or chip.
    private func look(at item: MigrationItem) throws(GalleryError) -> Result<FoundFace, Missing> {
        let missing: Missing
        do throws(GalleryError) {
            switch try lookAtPhoto(of: item) {
            case .success(let face): return .success(FoundFace(face))
            case .failure(let found): missing = found
            }
        } catch .photo(let error) where item.hasChip && error.kind != .stopped {
            // A photo that cannot be read is not needed where there is a chip.
            missing = Missing(reference: item.missing(.noPhoto, "\(error)"))
        }
        return item.hasChip ? try lookAtChip(of: item, missing) : .failure(missing)
    }

    private func lookAtPhoto(of item: MigrationItem) throws(GalleryError) -> Result<DetectedFace, Missing> {
        func missing(_ reason: MissingReference.Reason, _ message: String) -> Result<DetectedFace, Missing> {
            .failure(Missing(reference: item.missing(reason, message)))
        }
        if let given = item.given { return .failure(Missing(reference: given)) }
        do throws(GalleryError) {
            let photo = try wrap { () throws(PhotoError) -> Photo? in
                let file = try PhotoFile(
                    .path(item.source), limits: settings.limits, shouldStop: encoder.shouldStop)
                guard SHA256.digest(of: file.bytes) == item.digest else { return nil }
                return try Photo(file, limits: settings.limits, shouldStop: encoder.shouldStop)
            }
            guard let photo else {
                return missing(.changed, "\(item.source): the file has changed since it was enrolled")
            }
            let faces = try encoder.someFaces(in: photo)
            if faces.count == 1 { return .success(faces[0]) }
            if let face = enrolled.face(of: item.template, among: faces, in: photo) { return .success(face) }
            if settings.takesLargestFace { return .success(faces[0]) }
            return missing(.severalFaces, "\(item.source): \(faces.count) faces")
        } catch .photo(let error) {
            // A photo that may not be read is there.
            if case .notReadable = error { throw .photo(error) }
            switch error.kind {
            case .missing: return missing(.noPhoto, "\(error)")
            case .badData: return missing(.undecodable, "\(error)")
            case .system, .stopped: throw .photo(error)
            }
        } catch .noFace(let photo, let leastFace) {
            return missing(.noFace, "\(GalleryError.noFace(photo: photo, leastFace: leastFace))")
        }
    }
}

/// Tells which face of a photo was enrolled, by the network that made its template.
///
/// The network is loaded when it is first needed; if it is not installed any more, nothing is told.
final class EnrolledFaces: Sendable {
    /// Cosine with the enrolled template from which a face is the enrolled one: the same photo, finder and network
    /// give 1 but for rounding, another person's face much less.
    private static let sameFace: Float = 0.9

    private enum State {
        case unknown
        case loaded(PhotoEncoder?)
    }

    private let directory: String?
    private let fingerprint: String
    private let models: ModelCache
    private let state = Mutex(State.unknown)

    /// - Parameter directory: of the network that made the gallery's templates; nil if it is not installed.
    init(directory: String?, fingerprint: String, models: ModelCache) {
        (self.directory, self.fingerprint, self.models) = (directory, fingerprint, models)
    }

    private var encoder: PhotoEncoder? {
        state.withLock { state in
            if case .loaded(let encoder) = state { return encoder }
            let found = directory.flatMap { try? PhotoEncoder(network: $0, models: models) }
            let encoder = found.flatMap { NetworkIdentity($0.card).isRecorded(as: fingerprint) ? $0 : nil }
            state = .loaded(encoder)
            return encoder
        }
    }

    /// The one of several faces whose template was enrolled; nil if that cannot be told.
    func face(
        of template: [Float], among faces: [DetectedFace], in photo: Photo
    ) -> DetectedFace? {
        guard let encoder else { return nil }
        let known: [EncodedFace]
        do throws(GalleryError) { known = try encoder.encode(encoder.someFaces(in: photo)) } catch {
            // What the old network cannot use tells nothing.
            return nil
        }
        let alike = known.map { face in zip(face.template, template).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
        guard let best = alike.indices.max(by: { alike[$0] < alike[$1] }), alike[best] >= Self.sameFace else {
            return nil
        }
        return known[best].face.box.nearest(among: faces, box: \.face.box)
    }
}

extension ReferenceQuality {
    /// What is recorded of a face.
    package init(_ face: Face) {
        self.init(
            faceSize: face.quality.size, sharpness: face.quality.sharpness, yaw: face.quality.yaw,
            roll: face.quality.roll, score: face.score)
    }
}
