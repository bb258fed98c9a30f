import HTTPServer
import TestSupport
import Testing

@Suite("Forms, paths and media types")
struct FormTests {
    private func body(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("parts of a form are found by name, their bytes as they were")
    func parts() throws {
        let photo: [UInt8] = [0xFF, 0xD8, 0x0D, 0x0A, 0x2D, 0x2D, 0x78, 0x00, 0x0D, 0x0A]
        let form =
            body(
                "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a\\\"b;.jpg\"\r\n"
            )
            + body("Content-Type: image/jpeg\r\n\r\n") + photo
            + body("\r\n--x  \r\ncontent-disposition:form-data;name=note\r\n\r\n\r\n--x--\r\nepilogue")
        let parts = try MultipartPart.parts(of: form, boundary: "x")
        #expect(parts.map(\.name) == ["photo", "note"])
        #expect(Array(parts[0].content) == photo)
        #expect(parts[1].content.isEmpty)
    }

    @Test(
        "what is no form is refused with the reason",
        arguments: [
            "", "--x", "--x\r\n", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb",
            "--x\r\n\r\nno name\r\n--x--",
            "--x\r\nContent-Disposition: attachment; name=a\r\n\r\nb\r\n--x--", "--y\r\n--y--",
            "--x\r\n\(String(repeating: "a", count: 5_000))\r\n\r\nb\r\n--x--",
        ])
    func noForm(text: String) {
        #expect(throws: MultipartPart.Fault.self) { try MultipartPart.parts(of: body(text), boundary: "x") }
    }

    @Test("a form of very many parts is refused")
    func bomb() {
        let part = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n"
        let many = String(repeating: part, count: 1_000) + "--x--"
        #expect(throws: MultipartPart.Fault.self) { try MultipartPart.parts(of: body(many), boundary: "x") }
    }

    @Test("any bytes at all are a form or none")
    func fuzz() {
        let part = "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\nbytes\r\n"
        var mutations = Mutations(of: [body(part + part + "--x--\r\n")], seed: 7)
        let time = FuzzTime()
        while time.isLeft {
            for _ in 0..<200 { _ = try? MultipartPart.parts(of: mutations.next(), boundary: "x") }
        }
    }

    @Test("media types are read with their parameters")
    func mediaTypes() {
        let type = MediaType("Multipart/Form-Data; Boundary=\"a b;c\"; charset=utf-8")
        #expect(type?.essence == "multipart/form-data")
        #expect(type?.parameters == ["boundary": "a b;c", "charset": "utf-8"])
        for bad in ["", "a", "a/", "/b", "a/b; c", "a/b; c=\"d", "a/b c", "a/b; c=d; c=e"] {
            #expect(MediaType(bad) == nil, "\(bad)")
        }
    }

    @Test(
        "every name comes back from its segment of a path",
        arguments: ["a", "a/b", "..", "ä/ö?&#%", "\u{1F600} \u{E000}", "a\u{301}", "%41", "+", "\u{0}\n"])
    func segments(name: String) {
        let encoded = PercentCoding.encodeSegment(name)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
        #expect(PercentCoding.decode(encoded[...])?.utf8.elementsEqual(name.utf8) == true)
        let head = HTTPHead(method: "GET", target: "/v1/\(encoded)/x", fields: [])
        let found = PathTemplate("/v1/{name}/x").match(head.path ?? [])?["name"]
        #expect(found?.utf8.elementsEqual(name.utf8) == true)
    }

    @Test("a template fits paths of its own form alone")
    func templates() {
        let template = PathTemplate("/v1/{a}/b/{c}")
        #expect(template.places == ["a", "c"])
        func match(_ target: String) -> [String: String]? {
            template.match(HTTPHead(method: "GET", target: target, fields: []).path ?? [])
        }
        #expect(match("/v1/x/b/y") == ["a": "x", "c": "y"])
        for other in ["/v1/x/b", "/v1/x/b/y/", "/v1/x/c/y", "/V1/x/b/y", "/v1/x%2Fb/y", "//v1/x/b/y"] {
            #expect(match(other) == nil, "\(other)")
        }
    }
}
