import Enrollment
import FaceImage
import Foundation
import Gallery
import GalleryModel
import HTTPServer
import Service
import TestSupport

/// A service in this process over galleries in a folder of its own.
final class RunningService {
    static let dimension = 16
    static let hasModels =
        FileManager.default.fileExists(atPath: SetUpCache.file("detector/yunet.onnx"))
        && FileManager.default.fileExists(atPath: SetUpCache.file("photos/biden.jpg"))

    let folder: TemporaryFolder
    let service: GalleryService
    let port: Int

    /// Starts one.
    ///
    /// - Parameters:
    ///   - isForPhotos: whether its gallery is of the default network, or of given templates of 16 numbers.
    ///   - galleries: the names of galleries of given templates in a folder; nil for the one gallery `faces`.
    ///   - logsTo: a file for the access log.
    ///   - prepare: makes keys and changes settings.
    init(
        isForPhotos: Bool = false, galleries: [String]? = nil, logsTo logFile: String? = nil,
        prepare: (String, inout ServiceSettings) throws -> Void = { _, _ in }
    ) throws {
        folder = try TemporaryFolder()
        let root = folder.path
        for name in galleries ?? ["faces"] {
            if isForPhotos {
                let card = try ModelCache.standard.card(ofNetwork: ModelCache.defaultNetwork)
                try FaceGallery.create(at: "\(root)/\(name)", network: card)
            } else {
                try FaceGallery.create(at: "\(root)/\(name)", dimension: Self.dimension)
            }
        }
        var settings = ServiceSettings(galleries == nil ? .gallery("\(root)/faces") : .folder(root))
        settings.version = "test"
        try prepare(galleries == nil ? "\(root)/faces" : root, &settings)
        var log: AccessLog?
        if let logFile {
            let file = folder.file(logFile)
            log = try AccessLog(descriptor: unsafe open(file, O_WRONLY | O_CREAT | O_APPEND, 0o600))
        }
        service = try GalleryService(settings, log: log)
        port = try service.start(on: "127.0.0.1:0")
    }

    deinit { service.drain(within: 5) }

    func connect() throws -> HTTPConnection { try HTTPConnection(port: port) }

    /// An answer over a connection of its own.
    func ask(
        _ method: String, _ target: String, json: String? = nil, key: String? = nil,
        fields: [(String, String)] = [], body: [UInt8] = []
    ) throws -> HTTPReply {
        var fields = fields
        if let key { fields.append(("Authorization", "Bearer \(key)")) }
        if json != nil { fields.append(("Content-Type", "application/json")) }
        return try connect().ask(method, target, fields: fields, body: json.map { Array($0.utf8) } ?? body)
    }

    /// Enrols a template of one axis.
    func enroll(_ subject: String, axis: Int) throws -> HTTPReply {
        try ask(
            "POST", "/v1/galleries/faces/subjects/\(PercentCoding.encodeSegment(subject))/references",
            json: embedding(axis))
    }
}

/// A unit vector along an axis, a little towards the next one.
func axis(_ number: Int, lean: Float = 0) -> [Float] {
    var vector = [Float](repeating: 0, count: RunningService.dimension)
    vector[number] = 1
    vector[(number + 1) % RunningService.dimension] = lean
    return vector
}

/// Such a vector as JSON.
func embedding(_ number: Int, lean: Float = 0) -> String { "{\"embedding\":\(axis(number, lean: lean))}" }

/// Vectors as raw float32.
func raw(_ rows: [[Float]]) -> [UInt8] {
    rows.joined().flatMap { number in
        (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
    }
}

extension HTTPReply {
    /// The body as an object of JSON.
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    /// The problem's code.
    var code: String? { object["code"] as? String }

    /// The lines of the body as objects of JSON.
    var lines: [[String: Any]] {
        text.split(separator: "\n").map { line in
            (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
        }
    }
}
