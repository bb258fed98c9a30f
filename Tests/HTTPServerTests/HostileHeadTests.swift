import HTTPServer
import TestSupport
import Testing

@Suite("Heads that are not well-formed")
struct HostileHeadTests {
    /// What servers in a row could understand in two ways, and what is no HTTP.
    private static let heads = [
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x10\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%FF%FE HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%C0%AF HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a=%E2%82 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://other/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\(String(repeating: "a: b\r\n", count: 20_000))\r\n",
    ]

    @Test("are refused, and the connection ends", arguments: heads.indices)
    func refused(number: Int) throws {
        let application = EchoServer()
        try serving(application) { server in
            let client = try HTTPConnection(port: server.port)
            client.send(Self.heads[number])
            let answer = String(decoding: client.rest(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 4") || answer.isEmpty, "\(answer)")
            // Not understood as a second request.
            #expect(application.log.count <= 1)
            #expect(try HTTPConnection(port: server.port).ask("GET", "/").status == 200)
        }
    }

    @Test("any bytes at all harm nothing")
    func fuzz() throws {
        var mutations = Mutations(
            of: Self.heads.map { Array($0.utf8.prefix(2_000)) }
                + [
                    Array("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde".utf8),
                    Array(
                        "POST /count/3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
                            .utf8),
                ], seed: 23)
        let time = FuzzTime()
        var settings = HTTPSettings()
        (settings.headSeconds, settings.bodySeconds, settings.idleSeconds) = (0.2, 0.2, 0.2)
        try serving(EchoServer(), settings) { server in
            var connections: [HTTPConnection] = []
            while time.isLeft {
                let client = try HTTPConnection(port: server.port)
                client.send(mutations.next())
                connections.append(client)
                if connections.count > 100 { connections.removeFirst(50) }
            }
            connections = []
            // As many connections as one address may have could be closing still.
            let start = ContinuousClock.now
            var status: Int?
            while status == nil, ContinuousClock.now - start < .seconds(10) {
                status = try? HTTPConnection(port: server.port).ask("GET", "/").status
            }
            #expect(status == 200)
        }
    }
}
