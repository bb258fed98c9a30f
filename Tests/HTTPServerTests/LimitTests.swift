import Glibc
import HTTPServer
import TestSupport
import Testing

@Suite("Limits of a server")
struct LimitTests {
    private func limited(_ change: (inout HTTPSettings) -> Void) -> HTTPSettings {
        var settings = HTTPSettings()
        change(&settings)
        return settings
    }

    private func application(bodyLimit: Int) -> EchoServer {
        var application = EchoServer()
        application.bodyLimit = bodyLimit
        return application
    }

    @Test("a body over the limit is refused, however it is announced")
    func bodyLimit() throws {
        try serving(application(bodyLimit: 1_000)) { server in
            let whole = try HTTPConnection(port: server.port)
            #expect(try whole.ask("POST", "/", body: [UInt8](repeating: 65, count: 1_000)).status == 200)
            // Sent in full before the answer is read; the connection stays usable.
            #expect(try whole.ask("POST", "/", body: [UInt8](repeating: 65, count: 1_001)).status == 413)
            #expect(try whole.ask("POST", "/", body: [UInt8](repeating: 65, count: 3_000_000)).status == 413)
            #expect(try whole.ask("GET", "/").status == 200)
            // Announced as far too large: not even waited for.
            let huge = try HTTPConnection(port: server.port)
            huge.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n")
            #expect(try huge.reply().status == 413)
            #expect(huge.isClosed())
            // A client that asks first need not send it.
            let asking = try HTTPConnection(port: server.port)
            asking.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\nExpect: 100-continue\r\n\r\n")
            #expect(try asking.reply().status == 413)
            // Not announced at all.
            let chunked = try HTTPConnection(port: server.port)
            chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<20 { chunked.send("64\r\n" + String(repeating: "x", count: 100) + "\r\n") }
            chunked.send("0\r\n\r\n")
            #expect(try chunked.reply().status == 413)
        }
    }

    @Test("a body without an end is cut off and takes no memory")
    func endlessBody() throws {
        try serving(application(bodyLimit: 1_000)) { server in
            let endless = try HTTPConnection(port: server.port)
            endless.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 65, count: 1 << 20) + Array("\r\n".utf8)
            var sent = 0
            while sent < 64, endless.send(chunk) { sent += 1 }
            #expect(sent < 64)
        }
    }

    @Test("bodies of all requests together are limited")
    func bodiesTogether() throws {
        let settings = limited { $0.bodyBytes = 100_000 }
        try serving(EchoServer(), settings) { server in
            let first = try HTTPConnection(port: server.port)
            first.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n")
            first.send([UInt8](repeating: 65, count: 80_000))
            let second = try HTTPConnection(port: server.port)
            var status = 200
            // Until the first one's bytes are there.
            for _ in 0..<2_000 where status == 200 {
                status = try second.ask("POST", "/", body: [UInt8](repeating: 66, count: 60_000)).status
            }
            first.send([UInt8](repeating: 65, count: 10_000))
            // Whoever came last was refused.
            #expect(try [status, first.reply().status].sorted() == [200, 503])
            // The memory of a request is given back a moment after its answer.
            status = 503
            for _ in 0..<2_000 where status != 200 {
                status = try second.ask("POST", "/", body: [UInt8](repeating: 66, count: 60_000)).status
            }
            #expect(status == 200)
        }
    }

    @Test("no more requests wait than may; what needs no engine is answered all the same")
    func queue() throws {
        let settings = limited {
            $0.engineThreads = 1
            $0.queue = 2
        }
        let application = EchoServer()
        try serving(application, settings) { server in
            let waiting = try (0..<3).map { _ in try HTTPConnection(port: server.port) }
            waiting[0].send("GET", "/wait")
            #expect(application.gate.holds(1))
            for client in waiting[1...] { client.send("GET", "/wait") }
            while server.load.waiting < 2 {}
            let late = try HTTPConnection(port: server.port)
            #expect(try late.ask("GET", "/").status == 503)
            #expect(try late.ask("GET", "/at-once").status == 200)
            #expect(server.load.inFlight >= 3)
            application.gate.open()
            for client in waiting { #expect(try client.reply().status == 200) }
            #expect(try late.ask("GET", "/").status == 200)
        }
    }

    @Test("connections beyond the limits are closed")
    func connections() throws {
        let settings = limited {
            $0.threads = 1
            $0.connectionsPerAddress = 3
        }
        try serving(EchoServer(), settings) { server in
            let clients = try (0..<3).map { _ in try HTTPConnection(port: server.port) }
            for client in clients { #expect(try client.ask("GET", "/").status == 200) }
            #expect(try HTTPConnection(port: server.port).isClosed())
            #expect(try clients[0].ask("GET", "/").status == 200)
        }
    }

    @Test("a head that drips is cut off, also on a connection that was good before")
    func slowHead() throws {
        let settings = limited {
            $0.headSeconds = 0.3
            $0.idleSeconds = 0.2
        }
        try serving(EchoServer(), settings) { server in
            let (dripping, second) = (
                try HTTPConnection(port: server.port), try HTTPConnection(port: server.port)
            )
            #expect(try second.ask("GET", "/").status == 200)
            let start = ContinuousClock.now
            for client in [dripping, second] { client.send("GET / HTTP/1.1\r\nHost: x\r\n") }
            var isOpen = true
            while isOpen, ContinuousClock.now - start < .seconds(5) {
                isOpen = dripping.send("a: b\r\n") && second.send("a: b\r\n")
                usleep(20_000)
            }
            #expect(!isOpen)
            #expect(dripping.isClosed() && second.isClosed())
            #expect(server.load.cut >= 1)
            #expect(try HTTPConnection(port: server.port).ask("GET", "/").status == 200)
        }
    }

    @Test("a body that drips, or never comes, is cut off")
    func slowBody() throws {
        let settings = limited { $0.bodySeconds = 0.3 }
        try serving(EchoServer(), settings) { server in
            let (dripping, lying) = (
                try HTTPConnection(port: server.port), try HTTPConnection(port: server.port)
            )
            for client in [dripping, lying] {
                client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx")
            }
            let start = ContinuousClock.now
            while dripping.send("x"), ContinuousClock.now - start < .seconds(5) { usleep(10_000) }
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(lying.isClosed())
            #expect(try HTTPConnection(port: server.port).ask("GET", "/").status == 200)
        }
    }

    @Test("a client that takes an answer in drops is cut off, too")
    func drippingReader() throws {
        let settings = limited {
            $0.sendSeconds = 0.5
            $0.bytesPerSecond = 100_000_000
            $0.streams = 1
        }
        try serving(EchoServer(), settings) { server in
            let slow = try HTTPConnection(port: server.port)
            slow.send("GET", "/count/100000000")
            let start = ContinuousClock.now
            // It takes something all the time, so no single wait is long.
            while server.load.cut == 0, ContinuousClock.now - start < .seconds(15) {
                _ = slow.take(20_000)
                usleep(5_000)
            }
            #expect(server.load.cut == 1)
            let other = try HTTPConnection(port: server.port)
            #expect(try other.ask("GET", "/count/5").text.hasSuffix("line 4\n"))
        }
    }

    @Test("a client that takes no answer is cut off")
    func slowReader() throws {
        let settings = limited {
            $0.sendSeconds = 0.3
            $0.streams = 1
        }
        let application = EchoServer()
        try serving(application, settings) { server in
            let slow = try HTTPConnection(port: server.port)
            slow.send("GET", "/count/10000000")
            // The one thread for streams is free again.
            let other = try HTTPConnection(port: server.port)
            #expect(try other.ask("GET", "/count/5").text.hasSuffix("line 4\n"))
            #expect(server.load.cut >= 1)
            withExtendedLifetime(slow) {}
        }
    }
}
