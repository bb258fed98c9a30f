import Concurrency
import Enrollment
import Gallery
import GalleryModel
package import HTTPServer
import Synchronization

/// Why a service cannot start.
package enum ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Other machines could reach it, and there are no keys.
    case needsKeys(address: String, file: String)

    /// One line that says so, and what to do.
    package var description: String {
        switch self {
        case .needsKeys(let address, let file):
            "\(address) can be reached from other machines, but there are no keys (\(file)), so everybody could read and "
                + "change the galleries: create a key first, or listen on 127.0.0.1"
        }
    }
}

/// Galleries, served by HTTP.
///
/// Safe from any thread.
package final class GalleryService: HTTPApplication {
    let settings: ServiceSettings
    let house: GalleryHouse
    let metrics = Metrics()
    private let keys: KeyRing
    private let keyPath: String
    private let log: AccessLog?
    private let pace = Mutex<[String: IndexPace]>([:])
    private let server = Mutex<HTTPServer?>(nil)
    /// The description of the calls.
    let description: [UInt8]

    /// Opens the galleries and reads the keys.
    ///
    /// - Throws: `GalleryError` where the one gallery cannot be opened; `KeyError`.
    package init(_ settings: ServiceSettings, log: AccessLog? = nil) throws {
        self.settings = settings
        self.log = log
        house = try GalleryHouse(settings)
        let file = KeyFile(in: settings.place.path)
        (keys, keyPath) = (try KeyRing(file), file.path)
        description = try Description.json(CallTable.all, version: settings.version, hasKeys: keys.hasKeys)
    }

    /// Starts to answer.
    ///
    /// - Parameter address: such as `127.0.0.1:8080`; port 0 for any that is free.
    /// - Returns: the port.
    /// - Throws: `HTTPServerError`; `ServiceError.needsKeys`.
    package func start(on address: String) throws -> Int {
        let socket = try ListeningSocket(address)
        guard socket.isLoopback || keys.hasKeys else {
            throw ServiceError.needsKeys(address: address, file: keyPath)
        }
        let server = try HTTPServer(socket, settings.http, serving: self)
        self.server.withLock { $0 = server }
        return server.port
    }

    /// Whether requests need keys.
    package var hasKeys: Bool { keys.hasKeys }

    /// Reads the keys again.
    package func refresh() { keys.refresh() }

    /// Ends: no new requests, those that have come within so many seconds, and then what was enrolled is saved.
    ///
    /// - Returns: whether all were answered.
    @discardableResult
    package func drain(within seconds: Double) -> Bool {
        let isDone = server.withLock { $0.take() }?.drain(within: seconds) ?? true
        for served in house.opened {
            _ = try? served.gallery.part()
            served.gallery.share()
        }
        log?.close()
        return isDone
    }

    // MARK: Requests

    /// As `HTTPApplication` says.
    package func admit(_ head: HTTPHead, _ exchange: HTTPExchange) -> HTTPAdmission {
        do throws(Problem) { return .accept(try work(head, exchange)) } catch {
            return .answer(finished(error.response(requestID: exchange.id)))
        }
    }

    /// As `HTTPApplication` says.
    package func response(to failure: HTTPFailure, _ exchange: HTTPExchange) -> HTTPResponse {
        var problem: Problem
        switch failure {
        case .malformed(let reason): problem = Problem(400, "malformed_request", reason)
        case .bodyTooLarge(let limit):
            problem = Problem(
                413, "body_too_large", "the body is larger than \(limit) bytes", remedy: "send a smaller photo")
        case .overloaded:
            problem = Problem(503, "overloaded", "too many requests at once", remedy: "try again in a moment")
            problem.fields = [("Retry-After", "1")]
        case .ending:
            problem = Problem(503, "ending", "the server is about to end", remedy: "try again in a moment")
            problem.fields = [("Retry-After", "5")]
        }
        return finished(problem.response(requestID: exchange.id))
    }

    /// As `HTTPApplication` says.
    package func ended(_ exchange: HTTPExchange) {
        metrics.ended(exchange.account, method: exchange.method)
        log?.ended(exchange)
    }

    /// Whether the key of a request may read a gallery.
    func mayRead(_ gallery: String, _ head: HTTPHead) -> Bool {
        if case .allowed = keys.judge(head.givenKey, .read, gallery: gallery) { return true }
        return false
    }

    private func work(_ head: HTTPHead, _ exchange: HTTPExchange) throws(Problem) -> HTTPWork {
        let (call, places) = try route(head)
        exchange.note("verb", call.verb)
        if let role = call.role { try authorise(head, role, places["gallery"], exchange) }
        if let gallery = places["gallery"], let only = house.only, !only.name.utf8.elementsEqual(gallery.utf8) {
            throw Problem(404, "unknown_gallery", "there is no gallery '\(gallery)'", field: "gallery")
        }
        // Only names of galleries that there are come into the log.
        if let only = house.only, places["gallery"] != nil { exchange.note("gallery", only.name) }
        let query = try Query(head.query ?? [], call.query)
        let hasBody = !call.body.mediaTypes.isEmpty
        return HTTPWork(bodyLimit: hasBody ? settings.bodyBytes : 0, lane: call.lane) { [self] request in
            let context = CallContext(
                service: self, request: request, places: places, query: query, form: call.body)
            do { return finished(try call.run(context)) } catch {
                return finished(Problem(error).response(requestID: exchange.id))
            }
        }
    }

    private func route(_ head: HTTPHead) throws(Problem) -> (call: ServiceCall, places: [String: String]) {
        var methods: [String] = []
        for call in CallTable.all {
            guard let places = call.path.match(head.path ?? []) else { continue }
            if call.method == head.method || call.method == "GET" && head.method == "HEAD" {
                return (call, places)
            }
            methods.append(call.method)
        }
        guard !methods.isEmpty else {
            throw Problem(404, "unknown_path", "there is nothing at this path", remedy: "see /openapi.json")
        }
        var problem = Problem(
            405, "unknown_method", "this path has no such method",
            remedy: "use \(methods.joined(separator: " or "))")
        problem.fields = [("Allow", methods.joined(separator: ", "))]
        throw problem
    }

    private func authorise(
        _ head: HTTPHead, _ role: Role, _ gallery: String?, _ exchange: HTTPExchange
    ) throws(Problem) {
        switch keys.judge(head.givenKey, role, gallery: gallery) {
        case .allowed(let key): if let key { exchange.note("key", key) }
        case .unknown:
            var problem = Problem(
                401, "no_key", "the request has no key that is good",
                remedy: "send 'Authorization: Bearer KEY' or 'x-api-key: KEY'")
            problem.fields = [("WWW-Authenticate", "Bearer")]
            throw problem
        case .forbidden(let key):
            exchange.note("key", key)
            throw Problem(
                403, "not_allowed", "the key does not allow this; it needs the role \(role.rawValue)",
                remedy: "use a key of that role for this gallery")
        }
    }

    /// Adds what every answer has: nothing is kept by caches, and nothing of it is run as a page.
    private func finished(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.fields += [
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Referrer-Policy", "no-referrer"),
        ]
        return response
    }

    // MARK: Galleries

    /// Saves the index of a gallery now and then, so that a process that starts later need not catch up with much.
    func keepPace(_ served: ServedGallery) {
        pace.withLock { $0[served.name, default: IndexPace()].keep(served.gallery) }
    }

    /// What turns photos into templates for calls without a gallery.
    ///
    /// - Throws: `GalleryError` where the network is not there.
    func statelessEncoder() throws -> PhotoEncoder {
        if let only = house.only, only.makesTemplates { return try only.photoEncoder() }
        return try stateless.withLock { stateless throws(GalleryError) in
            if let stateless { return stateless }
            let made = try PhotoEncoder(limits: settings.decoding, finding: settings.finding)
            stateless = made
            return made
        }
    }

    private let stateless = Mutex<PhotoEncoder?>(nil)

    /// The figures for Prometheus.
    func figures() -> String {
        let galleries = house.opened.sorted { $0.name < $1.name }.compactMap { served in
            (try? served.gallery.size()).map { (served.name, $0.subjects, $0.references) }
        }
        let load = server.withLock { $0 }?.load
        return metrics.text(
            galleries: galleries,
            load: load ?? HTTPServer.Load())
    }
}

extension ServiceSettings.Place {
    /// The folder of the gallery, or of the galleries.
    var path: String {
        switch self {
        case .gallery(let path), .folder(let path): path
        }
    }
}

extension HTTPHead {
    /// The key that the request gives.
    var givenKey: String? {
        if let key = field("x-api-key") { return key }
        guard let text = field("authorization") else { return nil }
        let parts = text.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    }
}
