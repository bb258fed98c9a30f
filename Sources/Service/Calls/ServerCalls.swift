import Gallery
import HTTPServer
import Wire

extension CallTable {
    static let galleryCalls: [ServiceCall] = [
        ServiceCall(
            "GET", "/v1/galleries", "list_galleries", "List the galleries that the key is for.", role: .read,
            answer: AnswerForm(GalleryListRecord.self, "The galleries with their sizes."), run: list),
        ServiceCall(
            "GET", "/v1/galleries/{gallery}", "show_gallery", "Show a gallery's size and network.", role: .read,
            answer: AnswerForm(GalleryRecord.self, "The gallery."), run: show),
    ]

    static let serverCalls: [ServiceCall] = [
        ServiceCall(
            "GET", "/healthz", "healthz", "Whether the server is up.", role: nil,
            answer: AnswerForm(HealthRecord.self, "It is."), lane: .immediate, run: health),
        ServiceCall(
            "GET", "/readyz", "readyz", "Whether the galleries can be searched.", role: nil,
            answer: AnswerForm(HealthRecord.self, "They can."), run: ready),
        ServiceCall(
            "GET", "/metrics", "metrics", "Figures in Prometheus' text format.", role: .read,
            answer: AnswerForm(text: "text/plain", "The figures."), run: metrics),
        ServiceCall(
            "GET", "/openapi.json", "openapi", "This description of the calls, as OpenAPI 3.1.", role: nil,
            answer: AnswerForm(text: "application/json", "The description."), lane: .immediate, run: openAPI),
    ]

    private static func list(_ call: CallContext) throws -> HTTPResponse {
        let house = call.service.house
        let names = house.names.filter { call.service.mayRead($0, call.request.head) }
        return try call.answer(
            GalleryListRecord(try names.map { name in try record(house.gallery(named: name)) }))
    }

    private static func show(_ call: CallContext) throws -> HTTPResponse {
        try call.answer(record(call.gallery()))
    }

    private static func record(_ served: ServedGallery) throws -> GalleryRecord {
        try GalleryRecord(served.name, served.gallery, served.gallery.size())
    }

    private static func health(_ call: CallContext) throws -> HTTPResponse {
        try call.answer(HealthRecord(version: call.service.settings.version))
    }

    private static func ready(_ call: CallContext) throws -> HTTPResponse {
        for served in call.service.house.opened where !served.isWarm {
            throw Problem(
                503, "not_ready", "the index of a gallery is not ready", remedy: "try again in a moment")
        }
        return try call.answer(HealthRecord(version: call.service.settings.version))
    }

    private static func metrics(_ call: CallContext) throws -> HTTPResponse {
        HTTPResponse(200, "text/plain; version=0.0.4; charset=utf-8", Array(call.service.figures().utf8))
    }

    private static func openAPI(_ call: CallContext) throws -> HTTPResponse {
        HTTPResponse(200, "application/json", call.service.description)
    }
}
