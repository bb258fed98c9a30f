import FaceImage
import FoundationEssentials
import Gallery
import HTTPServer
import Synchronization
import VectorFiles

/// What a body may be, for checks and documentation.
enum BodyForm: Sendable {
    /// Nothing.
    case none
    /// A photo, or if the flag is set a template.
    case photo(orTemplate: Bool)
    /// Two photos, of the names `first` and `second`.
    case twoPhotos
    /// Many templates.
    case templates
    /// An object of JSON with a text of this name.
    case text(member: String, meaning: String)

    /// Media types that it may have.
    var mediaTypes: [String] {
        switch self {
        case .none: []
        case .photo(false): ["image/*", "multipart/form-data", "application/json"]
        case .photo(true):
            ["image/*", "multipart/form-data", "application/json", "application/octet-stream"]
        case .twoPhotos: ["multipart/form-data", "application/json"]
        case .templates: ["application/octet-stream", "application/x-ndjson"]
        case .text: ["application/json"]
        }
    }
}

/// What a request brings: a photo or a template.
enum Material {
    case photo(PhotoFile)
    case template([Float])
}

/// Reads bodies.
struct BodyReader {
    let request: HTTPRequest
    let form: BodyForm
    let limits: DecodeLimits

    /// The media type, one that the call can read.
    ///
    /// - Throws: `Problem` 415.
    private func mediaType() throws(Problem) -> MediaType {
        let known = form.mediaTypes
        guard let type = request.mediaType,
            known.contains(type.essence) || type.type == "image" && known.contains("image/*")
        else {
            throw Problem(
                415, "unsupported_media_type", "the body's content-type is none that this call reads",
                field: "Content-Type", remedy: "send \(known.joined(separator: ", "))")
        }
        return type
    }

    /// The photo or template of a body.
    func material() throws(Problem) -> Material {
        let type = try mediaType()
        switch type.essence {
        case "application/octet-stream": return .template(try floats(request.body[...]))
        case "application/json":
            return try withObject { object throws(Problem) in
                if let text = object.text("photo") { return .photo(try photo(base64: text, field: "photo")) }
                guard case .photo(true) = form else { throw missing("photo", "a photo in base64") }
                guard let embedding = unsafe object.floats("embedding") else {
                    throw missing(
                        "embedding", "a photo in base64 as 'photo', or a list of numbers as 'embedding'")
                }
                return .template(unsafe Array(embedding))
            }
        case "multipart/form-data": return .photo(try part("photo", type))
        default: return .photo(try photo(request.body, name: "photo"))
        }
    }

    /// The photos `first` and `second` of a body.
    func twoPhotos() throws(Problem) -> (PhotoFile, PhotoFile) {
        let type = try mediaType()
        if type.essence == "multipart/form-data" {
            return (try part("first", type), try part("second", type))
        }
        return try withObject { object throws(Problem) in
            guard let first = object.text("first") else { throw missing("first", "a photo in base64") }
            guard let second = object.text("second") else { throw missing("second", "a photo in base64") }
            return (try photo(base64: first, field: "first"), try photo(base64: second, field: "second"))
        }
    }

    /// Templates row by row: of raw float32, or of lines of JSON.
    func templates(dimension: Int) throws(Problem) -> TemplateRows {
        let type = try mediaType()
        if type.essence == "application/x-ndjson" {
            return TemplateRows(lines: request.body, dimension: dimension)
        }
        guard request.body.count.isMultiple(of: 4 * dimension) else {
            throw Problem(
                422, "wrong_dimension",
                "the body has \(request.body.count) bytes; rows of \(dimension) float32 have \(4 * dimension) each"
            )
        }
        return TemplateRows(raw: request.body, dimension: dimension)
    }

    /// The text of the one member that the body has.
    func text(_ member: StaticString) throws(Problem) -> String {
        _ = try mediaType()
        return try withObject { object throws(Problem) in
            guard let text = object.text(member) else { throw missing("\(member)", "a text") }
            return text
        }
    }

    // MARK: Parts

    private func missing(_ member: String, _ what: String) -> Problem {
        Problem(
            400, "missing_member", "the body has no usable '\(member)'", field: member,
            remedy: "send an object of JSON with \(what)")
    }

    private func part(_ name: String, _ type: MediaType) throws(Problem) -> PhotoFile {
        let parts: [MultipartPart]
        do throws(MultipartPart.Fault) {
            parts = try MultipartPart.parts(of: request.body, boundary: type.parameters["boundary"] ?? "")
        } catch {
            throw badForm(error.reason, name)
        }
        let found = parts.filter { $0.name == name }
        guard found.count == 1 else {
            throw badForm("it has \(found.count) parts '\(name)' instead of one", name)
        }
        return try photo(Array(found[0].content), name: name)
    }

    private func badForm(_ reason: String, _ name: String) -> Problem {
        Problem(
            400, "bad_form", "the body is no usable form: \(reason)", field: name,
            remedy: "send the photo as the part '\(name)' of multipart/form-data")
    }

    private func photo(base64 text: String, field: String) throws(Problem) -> PhotoFile {
        guard let data = Data(base64Encoded: text) else {
            throw Problem(400, "bad_base64", "'\(field)' is no base64", field: field)
        }
        return try photo([UInt8](data), name: field)
    }

    private func photo(_ bytes: [UInt8], name: String) throws(Problem) -> PhotoFile {
        do throws(PhotoError) { return try PhotoFile(.bytes(bytes, name: name), limits: limits) } catch {
            throw Problem(GalleryError.photo(error))
        }
    }

    private func floats(_ bytes: ArraySlice<UInt8>) throws(Problem) -> [Float] {
        guard bytes.count.isMultiple(of: 4), !bytes.isEmpty else {
            throw Problem(
                422, "wrong_dimension", "the body has \(bytes.count) bytes, but a float32 has four")
        }
        return TemplateRows.floats(bytes)
    }

    private func withObject<Result>(
        _ body: (JSONObject) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        try JSONReaders.with(request.body.count) { reader throws(Problem) in
            let object: JSONObject?
            do { object = try reader.object(in: request.body[...]) } catch {
                throw Problem(
                    503, "try_again", "the server has no memory left", remedy: "try again in a moment")
            }
            guard let object else {
                throw Problem(
                    400, "bad_json", "the body is no valid object of JSON in UTF-8, or lies too deep",
                    remedy: "send one object, in which nothing lies more than 64 deep")
            }
            return try body(object)
        }
    }
}

/// Readers of JSON that are used again: making one takes longer than reading a template.
enum JSONReaders {
    /// A reader that one thread has at a time.
    private final class Held: @unchecked Sendable {
        // Unchecked: taken out of the list before it is used.
        let reader: JSONObjectReader
        init(_ reader: JSONObjectReader) { self.reader = reader }
    }

    private static let most = 8
    /// Larger texts get a reader of their own, so that no large buffer is kept.
    private static let largest = 1 << 18
    private static let free = Mutex<[Held]>([])

    /// Lends a reader for a text of so many bytes.
    static func with<Result>(
        _ bytes: Int, _ body: (JSONObjectReader) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        let held: Held
        if bytes <= largest, let kept = free.withLock({ $0.popLast() }) {
            held = kept
        } else {
            do throws(VectorFileError) { held = Held(try JSONObjectReader(name: "the body")) } catch {
                throw Problem(
                    503, "try_again", "the server has no memory left", remedy: "try again in a moment")
            }
        }
        defer { if bytes <= largest { free.withLock { if $0.count < most { $0.append(held) } } } }
        return try body(held.reader)
    }
}
