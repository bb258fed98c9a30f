import Enrollment
import FaceImage
import Gallery
import GalleryModel
import HTTPServer
import Wire

extension CallTable {
    static let enrolmentCalls: [ServiceCall] = [
        ServiceCall(
            "POST", "/v1/galleries/{gallery}/subjects/{subject}/references", "enroll",
            "Enrol the face of a photo, or a given template, for a subject.", role: .enroll,
            query: [
                QueryParameter(
                    "source", .text(longest: NewReference.longestSource),
                    "Where the photo came from, such as its name: kept with the reference."),
                Parameters.largestFace,
                QueryParameter(
                    "similarPerson", .words(TwinPolicy.allCases.map(\.rawValue)),
                    "What to do with a face that looks like another subject's (allow without it)."),
                Parameters.minSimilarity,
                QueryParameter(
                    "minFaceSize", .integer(1...100_000), "Smallest shorter side of the face, in pixels."),
                QueryParameter("minFaceScore", .number(-100...100), "Smallest score of the face finder."),
                QueryParameter("minSharpness", .number(0...1e9), "Smallest sharpness of the face."),
                QueryParameter("maxYaw", .number(0...180), "How far the head may be turned, in degrees."),
            ], body: .photo(orTemplate: true),
            answer: AnswerForm(status: 201, EnrollmentRecord.self, "It is a reference now, and durable."),
            problems: [409, 413, 415, 422, 507], run: enroll)
    ]

    private static func enroll(_ call: CallContext) throws -> HTTPResponse {
        let served = try call.gallery()
        let outcome: HandedOutcome
        switch try call.body.material() {
        case .template(let template):
            outcome = try call.timed("store") { () throws(GalleryError) in
                try served.gallery.enroll(
                    template: template, as: call.subject, source: call.query.text("source") ?? "")
            }
        case .photo(let photo):
            let encoder = try served.photoEncoder()
            let enrolment = HandedPhotoEnrollment(
                into: served.gallery, encoder: encoder, settings: EnrollmentSettings(call.query),
                gate: QualityGate(call.query, detectsFaces: encoder.detectsFaces))
            // The name of a photo is what the gallery keeps as its source.
            let named = try PhotoFile(
                .bytes(photo.bytes, name: call.query.text("source") ?? photo.name),
                limits: call.service.settings.decoding)
            outcome = try call.timed("enroll") { try enrolment.enroll(named, as: call.subject) }
        }
        switch outcome {
        case .enrolled(let enrolled):
            call.service.keepPace(served)
            var response = try call.answer(EnrollmentRecord(enrolled, isDryRun: false), status: 201)
            if let reference = enrolled.reference {
                let gallery = PercentCoding.encodeSegment(served.name)
                response.fields.append(("Location", "/v1/galleries/\(gallery)/references/\(reference)"))
            }
            return response
        case .present(_, let subject, let reference):
            throw Problem(present: reference, of: subject)
        case .refused(_, _, let refusal):
            call.service.metrics.refused(refusal.reason.rawValue)
            throw Problem(refusal)
        }
    }
}

extension EnrollmentSettings {
    /// The settings that a query describes.
    init(_ query: Query) {
        self.init()
        takesLargestFace = query.flag("largestFace")
        if let policy = query.text("similarPerson").flatMap(TwinPolicy.init) { twins = policy }
        minSimilarity = query.number("minSimilarity")
    }
}

extension QualityGate {
    /// The default limits, or those that a query gives in their place.
    init(_ query: Query, detectsFaces: Bool) {
        self = .standard(detectsFaces: detectsFaces)
        if let size = query.integer("minFaceSize") { minFaceSize = size }
        if let score = query.number("minFaceScore") { minFaceScore = score }
        if let sharpness = query.number("minSharpness") { minSharpness = sharpness }
        if let yaw = query.number("maxYaw") { maxYaw = yaw }
    }
}
