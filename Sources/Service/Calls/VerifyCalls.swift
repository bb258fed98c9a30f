import Enrollment
import FaceImage
import Gallery
import HTTPServer
import Network
import Wire

extension CallTable {
    static let verifyCalls: [ServiceCall] = [
        ServiceCall(
            "POST", "/v1/galleries/{gallery}/subjects/{subject}/verify", "verify_subject",
            "Compare a photo, or a given template, with a subject.", role: .read,
            query: [Parameters.minSimilarity, Parameters.fusion, Parameters.largestFace],
            body: .photo(orTemplate: true),
            answer: AnswerForm(ComparisonRecord.self, "How similar they are, and whether they match."),
            problems: [413, 415, 422], run: verifySubject),
        ServiceCall(
            "POST", "/v1/verify", "verify", "Compare the faces of two photos.", role: .read,
            query: [Parameters.minSimilarity, Parameters.largestFace], body: .twoPhotos,
            answer: AnswerForm(ComparisonRecord.self, "How similar they are, and whether they match."),
            problems: [413, 415, 422], run: verify),
    ]

    static let photoCalls: [ServiceCall] = [
        ServiceCall(
            "POST", "/v1/detect", "detect", "Find the faces of a photo.", role: .read,
            body: .photo(orTemplate: false),
            answer: AnswerForm(FacesRecord.self, "The faces with points and quality; none is no error."),
            problems: [413, 415, 422], run: detect),
        ServiceCall(
            "POST", "/v1/embed", "embed", "Find the faces of a photo, and make a template of each.",
            role: .read,
            body: .photo(orTemplate: false),
            answer: AnswerForm(FacesRecord.self, "The faces with their templates; none is no error."),
            problems: [413, 415, 422], run: embed),
    ]

    private static func verifySubject(_ call: CallContext) throws -> HTTPResponse {
        let served = try call.gallery()
        let gallery = served.gallery
        let fusion = call.query.text("fusion").flatMap(Fusion.init) ?? .max
        let minSimilarity = call.query.number("minSimilarity")
        var doubts: [VerificationRecord.PhotoWarnings] = []
        let (template, probe): ([Float], String)
        switch try call.body.material() {
        case .template(let given): (template, probe) = (given, "0")
        case .photo(let photo):
            let encoder = try served.photoEncoder()
            let chosen = try call.chosenFace(in: photo, encoder, &doubts)
            template = try call.timed("embed") { () throws(GalleryError) in
                try encoder.encode([chosen])[0].template
            }
            probe = photo.name
        }
        let result = try call.timed("search") { () throws(GalleryError) in
            try gallery.verify(template, subject: call.subject, fusion: fusion, minSimilarity: minSimilarity)
        }
        let record = VerificationRecord(
            result, of: probe, with: call.subject, isSubject: true, warnings: doubts)
        return try call.answer(
            ComparisonRecord(
                record, network: gallery.settings.networkName, fingerprint: gallery.settings.networkFingerprint)
        )
    }

    private static func verify(_ call: CallContext) throws -> HTTPResponse {
        let (first, second) = try call.body.twoPhotos()
        let encoder = try call.service.statelessEncoder()
        var doubts: [VerificationRecord.PhotoWarnings] = []
        let one = try call.chosenFace(in: first, encoder, &doubts)
        let other = try call.chosenFace(in: second, encoder, &doubts)
        let result = try call.timed("embed") { () throws(GalleryError) in
            try encoder.verify(one, other, minSimilarity: call.query.number("minSimilarity"))
        }
        let record = VerificationRecord(
            result, of: first.name, with: second.name, isSubject: false, warnings: doubts)
        return try call.answer(
            ComparisonRecord(record, network: encoder.card.name, fingerprint: encoder.card.fingerprint))
    }

    private static func detect(_ call: CallContext) throws -> HTTPResponse {
        try faces(call) { detected, photo, encoder throws(GalleryError) in
            detected.map { FacesRecord.Item(.detailed($0.face, photo.name, encoder)) }
        }
    }

    private static func embed(_ call: CallContext) throws -> HTTPResponse {
        try faces(call) { detected, photo, encoder throws(GalleryError) in
            try call.timed("embed") { () throws(GalleryError) in try encoder.encode(detected) }.map {
                FacesRecord.Item(.detailed($0.face, photo.name, encoder), embedding: $0.template)
            }
        }
    }

    private static func faces(
        _ call: CallContext,
        _ items: ([DetectedFace], PhotoFile, PhotoEncoder) throws(GalleryError) -> [FacesRecord.Item]
    ) throws -> HTTPResponse {
        guard case .photo(let photo) = try call.body.material() else {
            throw Problem(400, "missing_member", "the body has no photo", field: "photo")
        }
        let encoder = try call.service.statelessEncoder()
        let detected: [DetectedFace]
        do throws(GalleryError) {
            detected = try call.timed("detect") { () throws(GalleryError) in
                try encoder.detectedFaces(in: photo)
            }
        } catch .noFace {
            detected = []
        }
        guard detected.count <= call.service.settings.faces else {
            throw Problem(422, "too_many_faces", "the photo shows \(detected.count) faces")
        }
        return try call.answer(
            FacesRecord(
                detected.isEmpty ? [] : items(detected, photo, encoder), network: encoder.card.name,
                fingerprint: encoder.card.fingerprint))
    }
}

extension FaceRecord {
    /// A face with its points, its quality, and what speaks against it.
    fileprivate static func detailed(_ face: Face, _ photo: String, _ encoder: PhotoEncoder) -> FaceRecord {
        FaceRecord(face, warnings: .of(face, photo, encoder), isDetailed: true)
    }
}

extension CallContext {
    /// The face of a photo that is compared; what speaks against it, and what else may be one, is added to the doubts.
    fileprivate func chosenFace(
        in photo: PhotoFile, _ encoder: PhotoEncoder, _ doubts: inout [VerificationRecord.PhotoWarnings]
    ) throws -> DetectedFace {
        let chosen = try timed("detect") { () throws(GalleryError) in
            try encoder.chosenFace(in: photo, largest: query.flag("largestFace"))
        }
        let beside = chosen.doubtful.map(WarningRecord.init(doubtful:))
        let reasons = beside + (.of(chosen.detected.face, photo.name, encoder) ?? [])
        if !reasons.isEmpty { doubts.append(.init(photo: photo.name, reasons: reasons)) }
        return chosen.detected
    }
}
