import FaceImage
public import Gallery
import GalleryModel

/// Why a photo or a given template was not enrolled: the fixed list that rejects files and summaries speak in.
public enum RefusalReason: String, Sendable, CaseIterable {
    /// There is no such file, it may not be read, or it is not a photo.
    case unreadable
    /// Its bytes or pixels are over the limit.
    case tooLarge = "too_large"
    /// Its decoding takes longer than the limit, or it has more parts of a kind than any camera writes.
    case tooSlow = "too_slow"
    /// No face was found.
    case noFace = "no_face"
    /// Several faces were found where one is needed.
    case severalFaces = "several_faces"
    /// The finding may not be a face. Only a warning: no photo is refused for it.
    case doubtfulFace = "doubtful_face"
    /// The shorter side of the face is under `--min-face-size`, in pixels.
    case faceTooSmall = "face_too_small"
    /// The detector's score is under `--min-face-score`.
    case lowScore = "low_score"
    /// The face's sharpness is under `--min-sharpness`.
    case tooBlurred = "too_blurred"
    /// The head is turned by more than `--max-yaw` degrees.
    case pose
    /// The same file is enrolled for the same subject under another path.
    case duplicatePhoto = "duplicate_photo"
    /// The same file is enrolled for another subject.
    case sharedPhoto = "shared_photo"
    /// The face is as similar to another subject as two photos of one person are.
    case duplicatePerson = "duplicate_person"
    /// The subject's name is empty, too long, or contains invisible characters.
    case badName = "bad_name"
    /// Neither a folder nor the file's name says who the photo shows: they are named after a camera, a date or a program.
    case noName = "no_name"
    /// A row of the manifest, or a line of JSON, cannot be used.
    case badEntry = "bad_entry"
    /// The network gave no template for the face.
    case noTemplate = "no_template"
    /// A given template is zero, or contains a number that is not finite.
    case badTemplate = "bad_template"
    /// A given template has another dimension than the gallery's.
    case wrongDimension = "wrong_dimension"
}

/// Why a photo was refused: the reason, the measured value and the limit.
public struct Refusal: Sendable {
    /// The reason.
    public let reason: RefusalReason
    /// The reason as one line that names the photo.
    public let message: String
    /// The measured value, if the reason is a limit.
    public internal(set) var measured: Double?
    /// The limit, if the reason is one.
    public internal(set) var limit: Double?
    /// The subject that is already enrolled with this face, or the place of the photo that is already enrolled.
    public internal(set) var other: String?
    /// The kind of error, from which programs choose an exit code.
    public internal(set) var kind = GalleryError.Kind.badData
    /// Whether the disk may be at fault, and not this photo.
    var mayBeStorage = false

    init(
        _ reason: RefusalReason, _ message: String, measured: Double? = nil, limit: Double? = nil,
        other: String? = nil
    ) {
        (self.reason, self.message) = (reason, message)
        (self.measured, self.limit, self.other) = (measured, limit, other)
    }

    /// The refusal of a photo that an error keeps from having a template.
    package init(_ error: GalleryError, photo: String) {
        // The store's and the network's errors speak of names and chips, not of photos.
        switch error {
        case .photo(.tooManyBytes(_, let bytes, let limit)):
            self.init(.tooLarge, "\(error)", measured: bytes.map(Double.init), limit: Double(limit))
        case .photo(.tooManyPixels(_, let width, let height, let limit)):
            self.init(.tooLarge, "\(error)", measured: Double(width) * Double(height), limit: Double(limit))
        case .photo(.tooSlow(_, let seconds, let limit)):
            self.init(.tooSlow, "\(error)", measured: seconds, limit: limit)
        case .photo(.tooManyParts(_, _, let count, let limit)):
            self.init(.tooSlow, "\(error)", measured: Double(count), limit: Double(limit))
        case .photo(let problem):
            self.init(.unreadable, "\(error)")
            mayBeStorage = problem.kind != .badData
        case .noFace: self.init(.noFace, "\(error)")
        case .severalFaces(_, let count):
            self.init(.severalFaces, "\(error)", measured: Double(count), limit: 1)
        case .store(.invalidName): self.init(.badName, "\(photo): \(error)")
        case .store: self.init(.badEntry, "\(photo): \(error)")
        default: self.init(.noTemplate, "\(photo): \(error)")
        }
        kind = error.kind
    }

    /// A photo whose name and folders may all be a machine's.
    static func nameless(_ item: PhotoItem) -> Refusal {
        Refusal(
            .noName,
            "\(item.path): it is not known who this is: neither a folder nor the file is named after a person; put the "
                + "photo into a folder with the person's name, or give `subject`")
    }
}
