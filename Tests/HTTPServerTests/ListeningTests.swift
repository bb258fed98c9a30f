import HTTPServer
import Testing

@Suite("Addresses to listen on")
struct ListeningTests {
    @Test("are told apart by whether other machines can reach them")
    func loopback() throws {
        #expect(try ListeningSocket("127.0.0.1:0").isLoopback)
        #expect(try ListeningSocket("127.1.2.3:0").isLoopback)
        #expect(try !ListeningSocket("0.0.0.0:0").isLoopback)
        #expect(try ListeningSocket("127.0.0.1:0").port > 0)
    }

    @Test(
        "are refused with a reason",
        arguments: ["", "127.0.0.1", ":80", "127.0.0.1:x", "127.0.0.1:70000", "[::1]"])
    func refused(address: String) {
        #expect(throws: HTTPServerError.badAddress(address)) { try ListeningSocket(address) }
    }

    @Test("one that is taken is refused")
    func taken() throws {
        let first = try ListeningSocket("127.0.0.1:0")
        let error = #expect(throws: HTTPServerError.self) { try ListeningSocket("127.0.0.1:\(first.port)") }
        #expect("\(error!)".contains("in use"))
    }
}
