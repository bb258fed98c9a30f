import Enrollment
import Gallery
import GalleryModel
import HTTPServer
import Wire

/// Why a request is not answered as it wishes: what becomes an answer of RFC 9457.
struct Problem: Error {
    var status: Int
    /// A word that programs compare, and that later versions keep.
    var code: String
    var detail: String
    /// The parameter, member or part that is wrong.
    var field: String?
    var remedy: String?
    var refusal: Refusal?
    /// The reference that is there already.
    var reference: Int64?
    var fields: [(name: String, value: String)] = []

    init(_ status: Int, _ code: String, _ detail: String, field: String? = nil, remedy: String? = nil) {
        (self.status, self.code, self.detail, self.field, self.remedy) = (status, code, detail, field, remedy)
    }

    /// A photo or template that enrolment refuses, or that cannot be searched.
    init(_ refusal: Refusal) {
        let isTooLarge = refusal.reason == .tooLarge
        self.init(isTooLarge ? 413 : 422, refusal.reason.rawValue, refusal.message)
        self.refusal = refusal
        if refusal.reason == .severalFaces { remedy = "crop the photo to one face, or set largestFace=true" }
    }

    /// A reference that is there already.
    init(present reference: ReferenceID, of subject: String) {
        self.init(
            409, "already_enrolled", "'\(subject)' has this already, as reference \(reference)")
        self.reference = reference
    }

    /// Something of the engine or the system failed.
    init(_ error: any Error) {
        switch error {
        case let error as Problem: self = error
        case let error as GalleryError: self.init(error)
        case let error as StoreError: self.init(GalleryError.store(error))
        case let error as EnrollmentError:
            switch error {
            case .noThreshold:
                self.init(422, "no_threshold", "\(error)", field: "minSimilarity", remedy: "give minSimilarity")
            default: self.init(500, "failed", "\(error)")
            }
        default: self.init(500, "failed", "the request failed inside the server")
        }
    }

    private init(_ error: GalleryError) {
        switch error {
        case .photo, .noFace, .severalFaces: self.init(Refusal(error, photo: "the photo"))
        case .wrongDimension(let gallery, let given):
            self.init(422, "wrong_dimension", "\(error)")
            remedy = "send \(gallery) numbers for each template, not \(given)"
        case .badTemplate: self.init(422, "bad_template", "\(error)")
        case .badArgument(let reason): self.init(400, "bad_parameter", reason)
        case .network, .detector, .otherNetwork:
            self.init(
                503, "network_missing", "\(error)",
                remedy: "put the gallery's network in its place on the server")
        case .store(let error): self.init(error)
        default: self.init(500, "failed", "\(error)")
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .unknownSubject: self.init(404, "unknown_subject", "\(error)")
        case .unknownReference: self.init(404, "unknown_reference", "\(error)")
        case .nameTaken: self.init(409, "name_taken", "\(error)")
        case .invalidName: self.init(422, "bad_name", "\(error)")
        case .misuse(let reason): self.init(400, "bad_parameter", reason)
        case .readOnly, .foreignOwner, .permission:
            self.init(403, "read_only", "the gallery cannot be written by this server")
        case .noSpace, .notEnoughSpace:
            self.init(507, "no_space", "the server's disk is full; nothing was changed")
        case .busy, .tooManyReaders, .conflict, .late, .cancelled, .unavailable:
            self.init(503, "try_again", "the gallery is busy", remedy: "try again in a moment")
            fields = [("Retry-After", "1")]
        // What the server's own folders are called is nobody else's business.
        default: self.init(500, "gallery_failed", "the gallery failed; the server's log says why")
        }
    }

    /// The answer.
    func response(requestID: String) -> HTTPResponse {
        var record = ProblemRecord(
            status: status, title: Self.titles[status] ?? "Error", code: code, detail: detail, field: field,
            remedy: remedy, requestId: requestID)
        if let refusal {
            record.reason = refusal.reason.rawValue
            (record.measured, record.limit, record.duplicateOf) = (
                refusal.measured, refusal.limit, refusal.other
            )
        }
        if let reference { record.duplicateOf = String(reference) }
        let bytes = (try? WireFormat.line(record)) ?? []
        var response = HTTPResponse(status, "application/problem+json", bytes)
        response.fields += fields
        return response
    }

    private static let titles = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        409: "Conflict", 413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
        429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
        507: "Insufficient Storage",
    ]
}
