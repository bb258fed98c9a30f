import Concurrency
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite("Requests and answers")
struct ExchangeTests {
    @Test("a request comes whole, in one part or in many, and its answer has a number")
    func echo() throws {
        try serving { server in
            let client = try HTTPConnection(port: server.port)
            let reply = try client.ask("POST", "/a%2Fb/%C3%A4?x=1+2&y=%26", body: Array("body".utf8))
            #expect(reply.status == 200)
            #expect(reply.text == "POST a/b|ä x=1 2&y=&\nbody")
            #expect(reply.fields["x-request-id"]?.utf8.count == 16)
            client.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in ["3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"] { client.send(part) }
            #expect(try client.reply().text == "POST c \nabcde")
        }
    }

    @Test("a client's own number is kept where logs can hold it")
    func requestID() throws {
        try serving { server in
            let client = try HTTPConnection(port: server.port)
            let kept = try client.ask("GET", "/", fields: [("X-Request-Id", "job-7.a_B")])
            #expect(kept.fields["x-request-id"] == "job-7.a_B")
            for bad in ["a b", "ü", String(repeating: "x", count: 65), "\"}"] {
                let other = try client.ask("GET", "/", fields: [("X-Request-Id", bad)])
                #expect(other.fields["x-request-id"]?.utf8.count == 16)
            }
        }
    }

    @Test("many requests over one connection, and many connections at once, get their own answers")
    func many() throws {
        try serving { server in
            let clients = try (0..<40).map { _ in try HTTPConnection(port: server.port) }
            for round in 0..<10 {
                for (number, client) in clients.enumerated() { client.send("GET", "/\(round)/\(number)") }
                for (number, client) in clients.enumerated() {
                    #expect(try client.reply().text == "GET \(round)|\(number) \n")
                }
            }
        }
    }

    @Test("pipelined requests are answered in their order")
    func pipelined() throws {
        try serving { server in
            let client = try HTTPConnection(port: server.port)
            client.send((0..<5).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
            for number in 0..<5 { #expect(try client.reply().text == "GET \(number) \n") }
        }
    }

    @Test("an answer of unknown length comes line by line, however slowly it is taken")
    func stream() throws {
        try serving { server in
            let client = try HTTPConnection(port: server.port)
            let reply = try client.ask("GET", "/count/100000")
            let lines = reply.text.split(separator: "\n")
            #expect(lines.count == 100_000)
            #expect(lines.last == "line 99999")
            #expect(try client.ask("GET", "/next").text == "GET next \n")
        }
    }

    @Test("an answer that fails half-way is seen to be cut short")
    func brokenStream() throws {
        try serving { server in
            let client = try HTTPConnection(port: server.port)
            #expect(throws: HTTPConnection.Fault.self) { try client.ask("GET", "/broken") }
        }
    }

    @Test("a client that leaves in the middle of an answer holds up nobody")
    func leaving() throws {
        try serving { server in
            for _ in 0..<12 {
                let client = try HTTPConnection(port: server.port)
                client.send("GET", "/count/10000000")
            }
            let client = try HTTPConnection(port: server.port)
            #expect(try client.ask("GET", "/count/10").text.hasSuffix("line 9\n"))
        }
    }

    @Test("a header field cannot end its line")
    func headerInjection() throws {
        try serving { server in
            let client = try HTTPConnection(port: server.port)
            let reply = try client.ask("GET", "/header?x=a%0D%0ASet-Cookie:%20b=c")
            #expect(reply.fields["x-good"] == "yes")
            #expect(reply.fields["x-echo"] == nil)
            #expect(reply.fields["set-cookie"] == nil)
            #expect(try client.ask("GET", "/header?x=plain").fields["x-echo"] == "plain")
        }
    }

    @Test("what has come is answered before the server ends, and nothing that comes later")
    func drain() throws {
        let application = EchoServer()
        let server = try HTTPServer(ListeningSocket("127.0.0.1:0"), serving: application)
        let (client, idle) = (try HTTPConnection(port: server.port), try HTTPConnection(port: server.port))
        #expect(try idle.ask("GET", "/").status == 200)
        client.send("GET", "/wait")
        #expect(application.gate.holds(1))
        let isDone = Mutex<Bool?>(nil)
        var ending = try Threads(1) {
            let done = server.drain(within: 10)
            isDone.withLock { $0 = done }
        }
        // Whoever is connected already learns it; new connections are refused.
        while (try? HTTPConnection(port: server.port)) != nil {}
        let refused = try idle.ask("GET", "/")
        #expect(refused.status == 503)
        #expect(refused.fields["connection"]?.lowercased() == "close")
        application.gate.open()
        #expect(try client.reply().text == "waited")
        ending.join()
        #expect(isDone.withLock { $0 } == true)
    }

    @Test("a server ends in time although a request does not, and the late answer harms nothing")
    func lateAnswer() throws {
        let application = EchoServer()
        let server = try HTTPServer(ListeningSocket("127.0.0.1:0"), serving: application)
        let client = try HTTPConnection(port: server.port)
        client.send("GET", "/wait")
        #expect(application.gate.holds(1))
        #expect(!server.drain(within: 0.1))
        #expect(client.isClosed())
        application.gate.open()
        #expect(application.log.count == 1)
    }

    @Test("an account of each exchange is given once, with its status and its times")
    func accounts() throws {
        let application = EchoServer()
        try serving(application) { server in
            let client = try HTTPConnection(port: server.port)
            for target in ["/", "/no", "/at-once", "/count/3"] { _ = try client.ask("GET", target) }
            // The last one's end is told after its client has it.
            _ = try client.ask("GET", "/")
        }
        let accounts = application.log.exchanges.withLock { $0.map(\.account) }
        #expect(accounts.map(\.status) == [200, 403, 200, 200, 200])
        #expect(accounts.allSatisfy { $0.isSent && $0.total > 0 && $0.total < 20 })
    }
}
