import FaceImage
import Gallery
import HTTPServer
import Wire

/// An answer as documentation has it.
struct AnswerForm: Sendable {
    let status: Int
    let meaning: String
    let mediaType: String
    /// The type of a record of `Wire`; nil for no JSON.
    let record: (any (Decodable & Sendable).Type)?
    /// Further types that lines of the answer may have.
    var others: [any (Decodable & Sendable).Type] = []

    init(status: Int = 200, _ record: any (Decodable & Sendable).Type, _ meaning: String) {
        (self.status, self.meaning, mediaType, self.record) = (status, meaning, "application/json", record)
    }

    init(
        lines record: any (Decodable & Sendable).Type, or others: [any (Decodable & Sendable).Type] = [],
        _ meaning: String
    ) {
        (status, self.meaning, mediaType) = (200, meaning, "application/x-ndjson")
        (self.record, self.others) = (record, others)
    }

    init(text mediaType: String, _ meaning: String) {
        (status, self.meaning, self.mediaType, record) = (200, meaning, mediaType, nil)
    }
}

/// A call of the service: what it is, who may make it, and what it does.
///
/// The table of these is all there is: requests are routed by it, and the description in OpenAPI is made from it.
struct ServiceCall: Sendable {
    let method: String
    let path: PathTemplate
    /// What logs, figures and OpenAPI call it.
    let verb: String
    let summary: String
    /// The least role that may make it; nil for anybody.
    let role: Role?
    let query: [QueryParameter]
    let body: BodyForm
    let answer: AnswerForm
    /// Problems that it has beside those that all calls have.
    let problems: [Int]
    let lane: HTTPWork.Lane
    let run: @Sendable (CallContext) throws -> HTTPResponse

    init(
        _ method: String, _ path: String, _ verb: String, _ summary: String, role: Role?,
        query: [QueryParameter] = [], body: BodyForm = .none, answer: AnswerForm, problems: [Int] = [],
        lane: HTTPWork.Lane = .engine, run: @escaping @Sendable (CallContext) throws -> HTTPResponse
    ) {
        (self.method, self.path, self.verb, self.summary) = (method, PathTemplate(path), verb, summary)
        (self.role, self.query, self.body, self.answer) = (role, query, body, answer)
        (self.problems, self.lane, self.run) = (problems, lane, run)
    }
}

/// A request on its way through a call.
struct CallContext: Sendable {
    let service: GalleryService
    let request: HTTPRequest
    /// What stands in the places of the path.
    let places: [String: String]
    let query: Query
    let form: BodyForm

    /// The gallery that the path names.
    ///
    /// - Throws: `Problem` 404; what opening it throws.
    func gallery() throws -> ServedGallery {
        try service.house.gallery(named: places["gallery"] ?? "")
    }

    /// The subject that the path names.
    var subject: String { places["subject"] ?? "" }

    /// The body.
    var body: BodyReader {
        BodyReader(request: request, form: form, limits: service.settings.decoding)
    }

    /// Runs a part of the work, and notes how long it took.
    func timed<Result, Failure: Error>(
        _ stage: String, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try request.exchange.timed(stage, body)
    }

    /// A record as the answer.
    func answer(_ record: some Encodable, status: Int = 200) throws -> HTTPResponse {
        HTTPResponse(status, "application/json", try WireFormat.line(record))
    }
}
