import HTTPServer
import Wire

/// The description of the calls in OpenAPI 3.1, made from the table that requests are routed by.
enum Description {
    private static let statusMeanings = [
        400: "The request is not well-formed.", 401: "The key is missing or no longer good.",
        403: "The key does not allow it.", 404: "There is no such gallery, subject or reference.",
        405: "The path has other methods.",
        409: "It is there already, or the name is taken.", 413: "The body or the photo is too large.",
        415: "The body's media type is not read.", 422: "The photo, template or name cannot be used.",
        500: "The server failed.", 503: "The server is busy; try again.", 507: "The server's disk is full.",
    ]

    /// The description as JSON.
    ///
    /// - Throws: for a record that has no schema, which is a mistake of the program.
    static func json(_ calls: [ServiceCall], version: String, hasKeys: Bool) throws -> [UInt8] {
        var schemas = RecordSchema()
        var paths: [String: JSON] = [:]
        for call in calls {
            var methods: [String: JSON] = [:]
            if case .object(let known) = paths[call.path.text] { methods = known }
            methods[call.method.lowercased()] = try operation(call, &schemas, hasKeys: hasKeys)
            paths[call.path.text] = .object(methods)
        }
        _ = try schemas.reference(to: ProblemRecord.self)
        let document: JSON = [
            "openapi": "3.1.0",
            "info": [
                "title": "FaceGallery", "version": .text(version),
                "description": "Enrol faces, and find out who a face is.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas.named),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "apiKey": ["type": "apiKey", "in": "header", "name": "x-api-key"],
                ],
            ],
        ]
        return try WireFormat.line(document)
    }

    private static func operation(
        _ call: ServiceCall, _ schemas: inout RecordSchema, hasKeys: Bool
    ) throws -> JSON {
        var members: [String: JSON] = [
            "operationId": .text(call.verb), "summary": .text(call.summary),
            "parameters": .list(
                call.path.places.map(place) + call.query.map(parameter)),
            "responses": .object(try answers(call, &schemas)),
        ]
        if let role = call.role {
            members["x-role"] = .text(role.rawValue)
            if hasKeys { members["security"] = [["bearer": []], ["apiKey": []]] }
        }
        if !call.body.mediaTypes.isEmpty {
            let content = call.body.mediaTypes.map { ($0, ["schema": call.body.schema($0)] as JSON) }
            members["requestBody"] = [
                "required": .boolean(true),
                "content": .object([String: JSON](uniqueKeysWithValues: content)),
            ]
        }
        return .object(members)
    }

    private static func place(_ name: String) -> JSON {
        let schema: JSON =
            name == "reference"
            ? ["type": "integer", "minimum": .integer(1)] : ["type": "string", "minLength": .integer(1)]
        return ["name": .text(name), "in": "path", "required": .boolean(true), "schema": schema]
    }

    private static func parameter(_ parameter: QueryParameter) -> JSON {
        let schema: JSON =
            switch parameter.kind {
            case .integer(let range):
                [
                    "type": "integer", "minimum": .integer(range.lowerBound),
                    "maximum": .integer(range.upperBound),
                ]
            case .number(let range):
                ["type": "number", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
            case .flag: ["type": "boolean"]
            case .words(let words): ["type": "string", "enum": .list(words.map { .text($0) })]
            case .text(let longest): ["type": "string", "maxLength": .integer(longest)]
            }
        return [
            "name": .text(parameter.name), "in": "query", "description": .text(parameter.meaning),
            "required": .boolean(false), "schema": schema,
        ]
    }

    private static func answers(
        _ call: ServiceCall, _ schemas: inout RecordSchema
    ) throws -> [String: JSON] {
        var schema: JSON = ["type": call.answer.mediaType == "application/json" ? "object" : "string"]
        if let record = call.answer.record {
            let first = try schemas.reference(to: record)
            let others = try call.answer.others.map { type in try schemas.reference(to: type) }
            schema = others.isEmpty ? first : ["anyOf": .list([first] + others)]
        }
        var answers: [String: JSON] = [
            "\(call.answer.status)": [
                "description": .text(call.answer.meaning),
                "content": .object([call.answer.mediaType: ["schema": schema]]),
            ]
        ]
        for status in Set(call.problems + problems(of: call)) {
            answers["\(status)"] = [
                "description": .text(statusMeanings[status] ?? "A problem."),
                "content": [
                    "application/problem+json": ["schema": ["$ref": "#/components/schemas/ProblemRecord"]]
                ],
            ]
        }
        return answers
    }

    private static func problems(of call: ServiceCall) -> [Int] {
        var problems = [400, 500, 503]
        if call.role != nil { problems += [401, 403] }
        if !call.path.places.isEmpty { problems.append(404) }
        return problems
    }
}

extension BodyForm {
    /// The schema of a body of one of its media types.
    fileprivate func schema(_ mediaType: String) -> JSON {
        let photo: JSON = ["type": "string", "contentEncoding": "base64"]
        let template: JSON = ["type": "array", "items": ["type": "number"]]
        let binary: JSON = ["type": "string", "format": "binary"]
        switch (self, mediaType) {
        case (.photo, "multipart/form-data"):
            return ["type": "object", "properties": ["photo": binary], "required": ["photo"]]
        case (.photo(let orTemplate), "application/json"):
            let withPhoto: JSON = ["type": "object", "properties": ["photo": photo], "required": ["photo"]]
            let withTemplate: JSON = [
                "type": "object", "properties": ["embedding": template], "required": ["embedding"],
            ]
            return orTemplate ? ["anyOf": [withPhoto, withTemplate]] : withPhoto
        case (.twoPhotos, "multipart/form-data"):
            return [
                "type": "object", "properties": ["first": binary, "second": binary],
                "required": ["first", "second"],
            ]
        case (.twoPhotos, _):
            return [
                "type": "object", "properties": ["first": photo, "second": photo],
                "required": ["first", "second"],
            ]
        case (.text(let member, let meaning), _):
            return [
                "type": "object",
                "properties": .object([member: ["type": "string", "description": .text(meaning)]]),
                "required": [.text(member)],
            ]
        case (.templates, "application/x-ndjson"): return ["type": "string"]
        default: return binary
        }
    }
}
