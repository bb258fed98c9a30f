import Concurrency
import Enrollment
import FaceImage
import Gallery
import HTTPServer
import Wire

extension CallTable {
    static let identifyCalls: [ServiceCall] = [
        ServiceCall(
            "POST", "/v1/galleries/{gallery}/identify", "identify",
            "Say who the faces of a photo, or a given template, are.", role: .read,
            query: Parameters.search, body: .photo(orTemplate: true),
            answer: AnswerForm(IdentificationRecord.self, "An answer for each face, the largest first."),
            problems: [413, 415, 422], run: identify),
        ServiceCall(
            "POST", "/v1/galleries/{gallery}/identify/batch", "identify_batch",
            "Say who many given templates are, an answer a line, in order.", role: .read,
            query: Parameters.search, body: .templates,
            answer: AnswerForm(
                lines: AnswerRecord.self, or: [ProbeRefusalRecord.self],
                "A line for each template, in order, while they are searched."),
            problems: [413, 415, 422], lane: .stream, run: identifyBatch),
    ]

    private static func identify(_ call: CallContext) throws -> HTTPResponse {
        let served = try call.gallery()
        let search = call.search()
        let answers: [AnswerRecord]
        switch try call.body.material() {
        case .template(let template):
            let answer = try call.timed("search") { () throws(GalleryError) in
                try served.gallery.identify(template, search)
            }
            answers = [AnswerRecord(answer, probe: "0")]
        case .photo(let photo):
            let encoder = try served.photoEncoder()
            let faces = try call.faces(in: photo, encoder)
            answers = try call.timed("search") {
                let found = try served.gallery.identify(probes: faces.flatMap(\.template), search)
                return zip(faces, found).map { encoded, answer in
                    AnswerRecord(
                        answer, probe: photo.name,
                        face: FaceRecord(encoded.face, warnings: .of(encoded.face, photo.name, encoder)))
                }
            }
        }
        for answer in answers { call.service.metrics.decided(answer.decision) }
        return try call.answer(IdentificationRecord(answers, of: served.name, served.gallery.settings))
    }

    private static func identifyBatch(_ call: CallContext) throws -> HTTPResponse {
        let served = try call.gallery()
        let rows = try call.body.templates(dimension: served.gallery.settings.dimension)
        return HTTPResponse(
            status: 200, fields: [("Content-Type", "application/x-ndjson")],
            body: .stream { writer in
                var rows = rows
                while let block = try SearchedBlock(&rows) {
                    // A deadline for each block: the whole may take as long as its client is there.
                    for line in try block.lines(served.gallery, call) { try writer.write(line) }
                }
            })
    }
}

extension CallContext {
    /// The search that the query describes, with a deadline.
    func search() -> FaceGallery.Search {
        var search = FaceGallery.Search(query)
        search.cancellation = Cancellation(
            deadline: .now + .seconds(service.settings.searchSeconds))
        return search
    }

    /// All faces of a photo with their templates, at least one.
    ///
    /// - Throws: `Problem` 422 where there are more than the service takes; `GalleryError`.
    func faces(in photo: PhotoFile, _ encoder: PhotoEncoder) throws -> [EncodedFace] {
        let detected = try timed("detect") { () throws(GalleryError) in try encoder.detectedFaces(in: photo) }
        guard detected.count <= service.settings.faces else {
            throw Problem(
                422, "too_many_faces",
                "the photo shows \(detected.count) faces, at most \(service.settings.faces) are searched",
                remedy: "send parts of the photo")
        }
        return try timed("embed") { () throws(GalleryError) in try encoder.encode(detected) }
    }
}

extension [WarningRecord]? {
    /// Why enrolment, with its default limits, would refuse a face; nil where it would not.
    static func of(_ face: Face, _ photo: String, _ encoder: PhotoEncoder) -> Self {
        let doubt = face.isDoubtful ? [WarningRecord(doubtful: face)] : []
        let gate = QualityGate.standard(detectsFaces: encoder.detectsFaces)
        let all = doubt + gate.refusals(of: face, in: photo).map(WarningRecord.init)
        return all.isEmpty ? nil : all
    }
}

/// Templates that are searched together.
private struct SearchedBlock {
    private static let most = 64
    private var rows: [TemplateRows.Row] = []

    /// The next rows; nil where there are none.
    init?(_ source: inout TemplateRows) throws(Problem) {
        while rows.count < Self.most, let row = try source.next() { rows.append(row) }
        if rows.isEmpty { return nil }
    }

    /// A line for each row.
    func lines(_ gallery: FaceGallery, _ call: CallContext) throws -> [[UInt8]] {
        let probes = rows.flatMap { (try? $0.content.get()) ?? [] }
        var answers = probes.isEmpty ? [] : try gallery.identify(probes: probes, call.search())
        answers.reverse()
        return try rows.map { row in
            switch row.content {
            case .failure(let fault):
                return try WireFormat.line(
                    ProbeRefusalRecord(
                        probe: String(row.number), reason: fault.reason.rawValue,
                        message: "row \(row.number): \(fault.text)"))
            case .success:
                // As many answers as probes.
                let answer = answers.removeLast()
                call.service.metrics.decided(answer.decision.rawValue)
                return try WireFormat.line(AnswerRecord(answer, probe: String(row.number)))
            }
        }
    }
}
