import Concurrency
import HTTPServer
import Synchronization

/// A server that says what it was sent.
struct EchoServer: HTTPApplication {
    private struct Failure: Error {}

    /// Exchanges that are over.
    final class Log: Sendable {
        let exchanges = Mutex<[HTTPExchange]>([])
        var count: Int { exchanges.withLock { $0.count } }
    }

    let log = Log()
    /// Work waits here until it may go on.
    let gate = Gate()
    var bodyLimit = 1 << 20

    func admit(_ head: HTTPHead, _ exchange: HTTPExchange) -> HTTPAdmission {
        switch head.path?.first {
        case "at-once": return accept(.immediate) { .init(200, "text/plain", $0.body) }
        case "no": return .answer(.init(403, "text/plain", Array("no".utf8)))
        case "wait":
            return accept(.engine) { [gate] _ in
                gate.pass()
                return .init(200, "text/plain", Array("waited".utf8))
            }
        case "header":
            return accept(.engine) { request in
                HTTPResponse(
                    status: 200,
                    fields: [("X-Echo", request.head.query?.first?.value ?? ""), ("X-Good", "yes")])
            }
        case "count":
            return accept(.stream) { request in
                let lines = Int(request.head.path?.last ?? "") ?? 0
                return HTTPResponse(
                    status: 200, fields: [("Content-Type", "application/x-ndjson")],
                    body: .stream { writer in
                        for line in 0..<lines { try writer.write(Array("line \(line)\n".utf8)) }
                    })
            }
        case "broken":
            return accept(.stream) { _ in
                HTTPResponse(
                    status: 200,
                    body: .stream { writer in
                        try writer.write(Array("a part".utf8))
                        throw Failure()
                    })
            }
        default:
            return accept(.engine) { request in
                let path = (request.head.path ?? []).joined(separator: "|")
                let query = (request.head.query ?? []).map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                let text = "\(request.head.method) \(path) \(query)\n"
                return .init(200, "text/plain; charset=utf-8", Array(text.utf8) + request.body)
            }
        }
    }

    func response(to failure: HTTPFailure, _ exchange: HTTPExchange) -> HTTPResponse {
        HTTPResponse(failure.status, "text/plain", Array("\(failure)".utf8))
    }

    func ended(_ exchange: HTTPExchange) { log.exchanges.withLock { $0.append(exchange) } }

    private func accept(
        _ lane: HTTPWork.Lane, _ respond: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) -> HTTPAdmission {
        .accept(HTTPWork(bodyLimit: bodyLimit, lane: lane, respond: respond))
    }
}

/// Holds threads until it is opened.
final class Gate: Sendable {
    private let state = Monitor((isOpen: false, waiting: 0))

    var waiting: Int { state.update { $0.waiting } }

    func pass() {
        state.update { $0.waiting += 1 }
        state.wait { $0.isOpen ? () : nil }
        state.update { $0.waiting -= 1 }
    }

    func open() { state.update { $0.isOpen = true } }

    /// Waits until so many threads are held; false after five seconds.
    func holds(_ count: Int) -> Bool { state.wait(atMost: 5) { $0.waiting >= count ? () : nil } != nil }
}

/// Starts a server for a test, and ends it.
func serving<Result>(
    _ application: EchoServer = EchoServer(), _ settings: HTTPSettings = HTTPSettings(),
    _ body: (HTTPServer) throws -> Result
) throws -> Result {
    let server = try HTTPServer(ListeningSocket("127.0.0.1:0"), settings, serving: application)
    defer {
        application.gate.open()
        server.drain(within: 5)
    }
    return try body(server)
}
