import FaceImage
import Gallery
import Network
import TemplateStore

/// Enrols photos: encodes on all cores, commits in batches, and tells of each photo only when it is safe.
struct PhotoEnrollment {
    /// What became of one photo before its commit.
    private enum Outcome: Sendable {
        case reference(NewReference)
        case present
        case refused(GalleryError)
    }

    private struct Line: Encodable {
        var photo: String
        var subject: String
        var status: String
        var reference: Int64?
        var reason: String?
    }

    private static let batchSize = 256

    let gallery: FaceGallery
    let encoder: PhotoEncoder
    let console: Console
    let subject: String?
    let largestFace: Bool

    private var pending: [(item: PhotoItem, reference: NewReference)] = []
    private var lastCommit = ContinuousClock.now
    private var enrolled = 0
    private var present = 0
    private var refused = 0
    private var firstNamedFailure: ExitCode?

    init(gallery: FaceGallery, encoder: PhotoEncoder, console: Console, subject: String?, largestFace: Bool) {
        self.gallery = gallery
        self.encoder = encoder
        self.console = console
        self.subject = subject
        self.largestFace = largestFace
    }

    /// Works through all photos; returns the exit code.
    mutating func run(_ photos: [PhotoItem], jobs: Int) async throws -> ExitCode {
        var progress = Progress(total: photos.count, noun: "photos")
        let (gallery, encoder, subject, largestFace) = (gallery, encoder, subject, largestFace)
        try await inOrder(photos, width: jobs) { item in
            Self.encode(item, subject: subject ?? item.subject, gallery, encoder, largestFace: largestFace)
        } deliver: { item, outcome in
            let before = refused
            progress.clear()
            try take(item, outcome)
            progress.advance(refused: refused - before)
        }
        try commit()
        progress.clear()
        let summary = EnrollmentSummary(enrolled: enrolled, present: present, refused: refused)
        try summary.print(on: console, noun: "photo")
        try gallery.settle(telling: console)
        if let firstNamedFailure { return firstNamedFailure }
        return enrolled + present == 0 ? .badData : .done
    }

    private static func encode(
        _ item: PhotoItem, subject: String, _ gallery: FaceGallery, _ encoder: PhotoEncoder, largestFace: Bool
    ) -> Outcome {
        do throws(GalleryError) {
            do throws(StoreError) { try StoreWriter.checkName(subject) } catch { throw .store(error) }
            let file = try encoder.read(item)
            let digest = SHA256.digest(of: file.bytes)
            if try gallery.hasReference(withDigest: digest, subject: subject) { return .present }
            let encoded = try encoder.face(in: file, largest: largestFace)
            return .reference(
                NewReference(
                    subject: subject, source: item.path, sourceDigest: digest,
                    quality: ReferenceQuality(encoded.face), template: encoded.template))
        } catch {
            return .refused(error)
        }
    }

    private mutating func take(_ item: PhotoItem, _ outcome: Outcome) throws {
        switch outcome {
        case .reference(let reference):
            pending.append((item, reference))
        case .present:
            try tellPresent(item)
        case .refused(let error):
            refused += 1
            if item.isNamed, firstNamedFailure == nil { firstNamedFailure = ExitCode(error) }
            // The store's errors speak of names, not of photos.
            var reason = "\(error)"
            if case .store = error { reason = "\(item.path): \(reason)" }
            console.note("refused: \(printable(reason))")
            if console.json {
                try console.print(
                    json: Line(
                        photo: item.path, subject: subject ?? item.subject, status: "refused",
                        reason: "\(error)"))
            }
        }
        if pending.count >= Self.batchSize || ContinuousClock.now - lastCommit > .seconds(1) { try commit() }
    }

    private mutating func commit() throws {
        lastCommit = .now
        guard !pending.isEmpty else { return }
        let additions = try gallery.enroll(pending.map(\.reference))
        for ((item, reference), addition) in zip(pending, additions) {
            switch addition {
            case .present: try tellPresent(item)
            case .added(let id):
                enrolled += 1
                if console.json {
                    try console.print(
                        json: Line(
                            photo: item.path, subject: reference.subject, status: "enrolled", reference: id))
                } else {
                    try console.print("enrolled  \(reference.subject)  \(printable(item.path))")
                }
            }
        }
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func tellPresent(_ item: PhotoItem) throws {
        present += 1
        guard console.json else { return }
        try console.print(json: Line(photo: item.path, subject: subject ?? item.subject, status: "present"))
    }
}

/// What an enrolment job did.
struct EnrollmentSummary: Encodable {
    var enrolled: Int
    var present: Int
    var refused: Int

    func print(on console: Console, noun: String) throws {
        console.note(
            "\(enrolled) \(noun)\(enrolled == 1 ? "" : "s") enrolled, \(present) enrolled before, \(refused) refused"
        )
        if console.json { try console.print(json: self) }
    }
}

extension FaceGallery {
    /// Settles after a job, and says that nothing is lost where that fails.
    func settle(telling console: Console) throws(GalleryError) {
        do throws(GalleryError) { try settle() } catch {
            console.note("the index could not be saved; what is enrolled is safe, and found all the same")
            throw error
        }
    }
}

extension ReferenceQuality {
    init(_ face: Face) {
        self.init(
            faceSize: face.quality.size, sharpness: face.quality.sharpness, yaw: face.quality.yaw,
            roll: face.quality.roll, score: face.score)
    }
}
